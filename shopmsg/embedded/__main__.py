"""python -m shopmsg.embedded run | exec -- CMD… | backup FILE | restore FILE | reset"""

import argparse
import os
import sys
from contextlib import AbstractContextManager
from pathlib import Path

from shopmsg.embedded import dump, sessions
from shopmsg.embedded.backing import clean_after_killed_run
from shopmsg.embedded.errors import RunnerError
from shopmsg.embedded.lock import RunLock
from shopmsg.embedded.log import say
from shopmsg.embedded.paths import PROJECT, Layout
from shopmsg.embedded.run import run


def main() -> int:
    arguments = _parser().parse_args()
    layout = Layout(Path(os.environ.get("DATA_DIR") or PROJECT / ".data").resolve())
    try:
        return _do(arguments, layout)
    except RunnerError as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m shopmsg.embedded")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="모든 프로세스를 켜고 지켜봐요")
    execute = commands.add_parser("exec", help="서버를 켠 채로 명령을 실행해요")
    execute.add_argument("--temporary", action="store_true", help="끝나면 지우는 빈 자료로")
    execute.add_argument("--migrate", action="store_true", help="먼저 데이터베이스 구조를 맞춰요")
    execute.add_argument("argv", nargs="+", metavar="CMD")
    for name, text in (("backup", "자료를 파일 하나로 저장해요"), ("restore", "파일의 자료로 되돌려요")):
        commands.add_parser(name, help=text).add_argument("file", type=Path)
    commands.choices["restore"].add_argument("--yes", action="store_true")
    commands.add_parser("reset", help="모든 자료를 지워요").add_argument("--yes", action="store_true")
    return parser


def _do(arguments: argparse.Namespace, layout: Layout) -> int:
    match arguments.command:
        case "run":
            run(layout, os.environ)
        case "exec":
            block: AbstractContextManager[dict[str, str]] = (
                sessions.temporary(os.environ)
                if arguments.temporary
                else sessions.environment(layout, os.environ)
            )
            with block as env:
                return sessions.execute(arguments.argv, env, migrate=arguments.migrate)
        case "backup":
            with sessions.environment(layout, os.environ) as env:
                dump.backup(env["DATABASE_URL"], layout.data, arguments.file)
            say(
                f"{arguments.file}에 저장했어요. 열쇠({layout.secrets})는 들어 있지 않으니 따로 보관해 주세요."
            )
        case "restore":
            _refuse_while_running(layout)
            if arguments.yes or _agreed(f"지금 자료를 지우고 {arguments.file}의 자료로 바꿀까요?"):
                with sessions.environment(layout, os.environ) as env:
                    dump.restore(env["DATABASE_URL"], layout.data, arguments.file)
                say("되돌렸어요.")
        case "reset":
            _refuse_while_running(layout)
            if arguments.yes or _agreed(
                f"{layout.data}의 모든 자료(문자, 전화번호, 열쇠)를 지울까요? 되돌릴 수 없어요."
            ):
                clean_after_killed_run(layout.state)
                layout.delete()
                say("지웠어요.")
    return 0


def _refuse_while_running(layout: Layout) -> None:
    if (pid := RunLock(layout.lock).holder()) is not None:
        raise RunnerError(f"실행 중이라 할 수 없어요(프로세스 {pid}). 먼저 Ctrl-C로 끝내 주세요.")


def _agreed(question: str) -> bool:
    print(f"{question} [y/N] ", end="", flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes", "ㅛ", "네", "예")


if __name__ == "__main__":
    sys.exit(main())
