"""The gateway's endpoints (reference/gateways.md §1.3): what is sent, asked and answered."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shopmsg.sandbox import codes, dates, faults, files, groups, messages, storage, validation
from shopmsg.sandbox.account import Purse
from shopmsg.sandbox.faults import Fault
from shopmsg.sandbox.gateway import Gateway
from shopmsg.sandbox.jobs import Job
from shopmsg.sandbox.validation import Item
from shopmsg.sandbox.web import ApiError, Reply, Request, invalid


@dataclass(frozen=True, slots=True)
class Call:
    """One routed request: path parts in ``args``, and the fault it suffers, if any."""

    gateway: Gateway
    request: Request
    args: tuple[str, ...]
    fault: Fault | None


def send_detail(call: Call) -> dict[str, Any]:
    body = call.request.json()
    info, items = _send(call, body, body.get("messages"))
    answer: dict[str, Any] = {
        "failedMessageList": [messages.failure(item) for item in items if item.code != codes.ACCEPTED],
        "groupInfo": info,
    }
    if body.get("showMessageList") is True:
        answer["messageList"] = [messages.success(item) for item in items if item.code == codes.ACCEPTED]
    return answer


def send_many(call: Call) -> dict[str, Any]:
    body = call.request.json()
    return _send(call, body, body.get("messages"))[0]


def send_one(call: Call) -> dict[str, Any]:
    """The oldest form: exactly one message; its refusal is an HTTP error."""
    body = call.request.json()
    message = body.get("message")
    if not isinstance(message, dict) or isinstance(message.get("to"), list):
        raise invalid("message에 메시지 한 건을 넣어 주세요.")
    info, items = _send(call, body, [message])
    item = items[0]
    if item.code != codes.ACCEPTED:
        raise ApiError(400, "FailedToAddMessage", f"{item.code} {codes.meaning(item.code)}")
    return {"groupId": info["groupId"], **messages.failure(item)}


def _send(call: Call, body: dict[str, Any], raw: object) -> tuple[dict[str, Any], list[Item]]:
    """Judge, charge and store one request's messages; groupInfo and the judged items."""
    gateway, now = call.gateway, dates.now_ms()
    scheduled = groups.scheduled_at(body.get("scheduledDate"), now)
    agent = body.get("agent")
    app_id = body.get("appId") or (agent.get("appId") if isinstance(agent, dict) else None)
    allow_duplicates = body.get("allowDuplicates") is True
    with gateway.store.reading() as db:
        rules = messages.rules(db, gateway.senders, validation.image_ids(raw), allow_duplicates)
    items = validation.read(raw, rules)
    _apply_partial(call.fault, items)
    with gateway.store.writing() as db:
        purse = Purse.load(db)
        if scheduled is None:
            messages.charge(items, purse)
        group_id = groups.create(db, allow_duplicates, app_id if isinstance(app_id, str) else None, now)
        due = now + gateway.reporter.settings.delay_ms // 2 if scheduled is None else None
        messages.insert(db, group_id, items, now, due)
        groups.count_items(db, group_id, items)
        groups.book(db, group_id, purse)
        if not any(item.code == codes.ACCEPTED for item in items):
            groups.mark(db, group_id, "FAILED", now, "접수한 메시지가 없습니다.")
        elif scheduled is None:
            groups.mark(db, group_id, "SENDING", now, "메시지를 보내기 시작했습니다.")
        else:
            groups.mark(db, group_id, "SCHEDULED", now, "예약했습니다.", scheduled)
        row = groups.find(db, group_id)
    gateway.carrier.wake.set()
    counts = Counter(
        (i.type, storage.ACCEPTED if i.code == codes.ACCEPTED else storage.REFUSED, i.code) for i in items
    )
    info = groups.view(row, [(kind, stage, code, n) for (kind, stage, code), n in counts.items()])
    return info, items


def _apply_partial(fault: Fault | None, items: list[Item]) -> None:
    if fault is None or fault.kind != "partial":
        return
    for position, item in enumerate(items):
        if item.code == codes.ACCEPTED and faults.hit(position, fault.share):
            item.code = fault.code


def create_group(call: Call) -> dict[str, Any]:
    body = call.request.json()
    app_id = body.get("appId")
    with call.gateway.store.writing() as db:
        group_id = groups.create(
            db,
            body.get("allowDuplicates") is True,
            app_id if isinstance(app_id, str) else None,
            dates.now_ms(),
        )
        return groups.info(db, group_id)


def add_to_group(call: Call) -> dict[str, Any]:
    raw, now = call.request.json().get("messages"), dates.now_ms()
    with call.gateway.store.writing() as db:
        row = groups.require(db, call.args[0], "PENDING")
        images = validation.image_ids(raw)
        rules = messages.rules(db, call.gateway.senders, images, bool(row["allow_duplicates"]))
        items = validation.read(raw, rules)
        _apply_partial(call.fault, items)
        messages.insert(db, row["id"], items, now, None)
        groups.count_items(db, row["id"], items)
    return {
        "errorCount": sum(item.code != codes.ACCEPTED for item in items),
        "resultList": [messages.failure(item) for item in items],
    }


def send_group(call: Call) -> dict[str, Any]:
    now = dates.now_ms()
    with call.gateway.store.writing() as db:
        row = groups.require(db, call.args[0], "PENDING", "SCHEDULED")
        if not row["registered"]:
            raise invalid("그룹에 보낼 메시지가 없습니다.")
        groups.release(db, row["id"], now, now + call.gateway.reporter.settings.delay_ms // 2)
        answer = groups.info(db, row["id"])
    call.gateway.carrier.wake.set()
    return answer


def schedule_group(call: Call) -> dict[str, Any]:
    value, now = call.request.json().get("scheduledDate"), dates.now_ms()
    if not value:
        raise invalid("scheduledDate를 넣어 주세요.")
    moment = groups.scheduled_at(value, now)
    if moment is None:
        return send_group(call)
    with call.gateway.store.writing() as db:
        row = groups.require(db, call.args[0], "PENDING", "SCHEDULED")
        groups.mark(db, row["id"], "SCHEDULED", now, "예약했습니다.", moment)
        answer = groups.info(db, row["id"])
    call.gateway.carrier.wake.set()
    return answer


def cancel_group(call: Call) -> dict[str, Any]:
    """A cancelled reservation is PENDING again and is never sent unless asked anew."""
    with call.gateway.store.writing() as db:
        row = groups.require(db, call.args[0], "SCHEDULED")
        groups.mark(db, row["id"], "PENDING", dates.now_ms(), "예약을 취소했습니다.")
        return groups.info(db, row["id"])


def delete_group(call: Call) -> dict[str, Any]:
    with call.gateway.store.writing() as db:
        row = groups.require(db, call.args[0], "PENDING", "SCHEDULED", "FAILED")
        groups.mark(db, row["id"], "DELETED", dates.now_ms(), "그룹을 지웠습니다.")
        return groups.info(db, row["id"])


def remove_messages(call: Call) -> dict[str, Any]:
    wanted = call.request.json().get("messageIds")
    if not isinstance(wanted, list) or not all(isinstance(word, str) and word.isascii() for word in wanted):
        raise invalid("messageIds에 메시지 아이디 목록을 넣어 주세요.")
    results = []
    with call.gateway.store.writing() as db:
        row = groups.require(db, call.args[0], "PENDING")
        for message_id in wanted:
            removed = db.execute(
                "DELETE FROM messages WHERE id = ? AND group_id = ? AND stage = ?",
                (message_id, row["id"], storage.HELD),
            ).rowcount
            results.append({"messageId": message_id, "resultCode": "success" if removed else "failed"})
        gone = sum(result["resultCode"] == "success" for result in results)
        db.execute("UPDATE groups SET registered = registered - ? WHERE id = ?", (gone, row["id"]))
    return {"errorCount": len(results) - gone, "resultList": results}


def get_group(call: Call) -> dict[str, Any]:
    with call.gateway.store.reading() as db:
        return groups.info(db, call.args[0])


def list_groups(call: Call) -> dict[str, Any]:
    with call.gateway.store.reading() as db:
        return groups.listing(db, call.request)


def list_messages(call: Call) -> dict[str, Any]:
    """All messages, or with a path argument those of one group."""
    with call.gateway.store.reading() as db:
        if call.args:
            groups.find(db, call.args[0])
        return messages.listing(db, call.request, call.args[0] if call.args else None)


def statistics(call: Call) -> dict[str, Any]:
    with call.gateway.store.reading() as db:
        rows = db.execute("SELECT type, status, count(*) FROM messages GROUP BY type, status").fetchall()
    success: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for kind, status, count in rows:
        total[kind.lower()] += count
        success[kind.lower()] += count if status == codes.DELIVERED else 0
    return {"total": {"total": total.total(), **total}, "successed": {"total": success.total(), **success}}


def upload(call: Call) -> dict[str, Any]:
    body = call.request.json()
    with call.gateway.store.writing() as db:
        return files.upload(db, body, call.gateway.base_url)


def list_files(call: Call) -> dict[str, Any]:
    with call.gateway.store.reading() as db:
        return files.listing(db, call.request, call.gateway.base_url)


def balance(call: Call) -> dict[str, Any]:
    with call.gateway.store.reading() as db:
        purse = Purse.load(db)
    return {"balance": purse.balance, "point": purse.point}


@dataclass(frozen=True, slots=True)
class Route:
    """``operation`` is what faults are armed on; None = only "any" fits."""

    method: str
    label: str
    pattern: re.Pattern[str]
    operation: str | None
    run: Callable[[Call], dict[str, Any]]


def _route(method: str, label: str, operation: str | None, run: Callable[[Call], dict[str, Any]]) -> Route:
    return Route(method, label, re.compile(label.replace("{id}", "([0-9A-Za-z]{1,64})")), operation, run)


ROUTES = (
    _route("POST", "/messages/v4/send-many/detail", "send", send_detail),
    _route("POST", "/messages/v4/send-many", "send", send_many),
    _route("POST", "/messages/v4/send", "send", send_one),
    _route("POST", "/messages/v4/groups", None, create_group),
    _route("GET", "/messages/v4/groups", "list", list_groups),
    _route("GET", "/messages/v4/groups/{id}", "list", get_group),
    _route("DELETE", "/messages/v4/groups/{id}", None, delete_group),
    _route("GET", "/messages/v4/groups/{id}/messages", "list", list_messages),
    _route("PUT", "/messages/v4/groups/{id}/messages", None, add_to_group),
    _route("DELETE", "/messages/v4/groups/{id}/messages", None, remove_messages),
    _route("POST", "/messages/v4/groups/{id}/send", "send", send_group),
    _route("POST", "/messages/v4/groups/{id}/schedule", None, schedule_group),
    _route("DELETE", "/messages/v4/groups/{id}/schedule", None, cancel_group),
    _route("GET", "/messages/v4/list", "list", list_messages),
    _route("GET", "/messages/v4/list-old", "list", list_messages),
    _route("GET", "/messages/v4/statistics", None, statistics),
    _route("POST", "/storage/v1/files", "upload", upload),
    _route("GET", "/storage/v1/files", None, list_files),
    _route("GET", "/cash/v1/balance", "balance", balance),
)


def job(gateway: Gateway, request: Request) -> Job:
    """Raises ApiError 404 or 405."""
    route, args = find(request.method, request.path)
    return Job(
        f"{route.method} {route.label}",
        route.operation or "other",
        lambda: gateway.verifier.check(request.header("Authorization")),
        lambda fault: Reply.json(route.run(Call(gateway, request, args, fault))),
    )


def find(method: str, path: str) -> tuple[Route, tuple[str, ...]]:
    """The route of a request. Raises ApiError 404 or 405."""
    known = False
    for route in ROUTES:
        match = route.pattern.fullmatch(path)
        if match and route.method == method:
            return route, match.groups()
        known = known or match is not None
    if known:
        raise ApiError(405, "MethodNotAllowed", "쓸 수 없는 메서드입니다.")
    raise ApiError(404, "NotFound", "없는 주소입니다.")
