import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

from messaging.migrations._sql import CREATE, DROP
from messaging.partitions import ensure


def make_partitions(*_: object) -> None:
    """The first months are there before the first call is."""
    ensure(timezone.now())


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CallEnd",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("received_at", models.DateTimeField()),
                ("source", models.CharField(max_length=20)),
                ("call_id", models.CharField(max_length=64)),
                ("line_number", models.CharField(max_length=16)),
                ("caller_sealed", models.BinaryField(null=True)),
                ("caller_index", models.BinaryField(null=True)),
                ("caller_last4", models.CharField(blank=True, max_length=4)),
                ("caller_carrier", models.CharField(max_length=10)),
                ("answered", models.BooleanField()),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField()),
                ("notice_played", models.BooleanField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "판단 전"), ("decided", "판단함")],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                (
                    "verdict",
                    models.CharField(
                        choices=[("send", "보냄"), ("skip", "보내지 않음")], max_length=4, null=True
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=24)),
                ("reason_at", models.DateTimeField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("message_id", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": "messaging_call",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="DeliveryReport",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("received_at", models.DateTimeField()),
                ("account", models.CharField(max_length=20)),
                ("message_id", models.BigIntegerField()),
                ("token", models.CharField(max_length=10)),
                ("gateway_id", models.CharField(max_length=40)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("accepted", "접수됨"),
                            ("handed_over", "통신사에 넘김"),
                            ("delivered", "전달됨"),
                            ("failed", "전달 안 됨"),
                            ("rejected", "접수 거절"),
                            ("retry_later", "나중에 다시"),
                            ("uncertain", "알 수 없음"),
                            ("unknown", "모르는 값"),
                        ],
                        max_length=12,
                    ),
                ),
                ("code", models.CharField(max_length=40)),
                ("reported_at", models.DateTimeField()),
                ("folded", models.BooleanField(default=False)),
                ("payload", models.JSONField(default=dict)),
            ],
            options={
                "db_table": "messaging_report",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField()),
                ("call_id", models.BigIntegerField(null=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("promo", "홍보문자"), ("test", "시험"), ("info", "안내문자")], max_length=5
                    ),
                ),
                ("notice_kind", models.CharField(blank=True, max_length=30)),
                (
                    "priority",
                    models.PositiveSmallIntegerField(choices=[(0, "인증번호"), (1, "안내"), (2, "홍보")]),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[("SMS", "단문"), ("LMS", "장문"), ("MMS", "그림 문자")], max_length=3
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("held", "아침까지 기다림"),
                            ("queued", "보내는 중"),
                            ("submitting", "접수 중"),
                            ("accepted", "접수됨"),
                            ("delivered", "통신사 전달 완료"),
                            ("failed", "전달 안 됨"),
                            ("rejected", "접수 거절"),
                            ("uncertain", "확인 중"),
                            ("unknown", "확인 못 함"),
                            ("skipped", "보내지 않음"),
                            ("expired", "시간 지남"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=24)),
                ("day", models.DateField()),
                ("quota_day", models.DateField(null=True)),
                ("sender", models.CharField(max_length=12)),
                ("recipient_sealed", models.BinaryField(null=True)),
                ("recipient_index", models.BinaryField()),
                ("subject", models.CharField(blank=True, max_length=40)),
                ("text", models.TextField()),
                ("token", models.CharField(max_length=10)),
                ("permit", models.JSONField(default=dict)),
                ("release_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("optout_checked_at", models.DateTimeField(null=True)),
                ("submitted_at", models.DateTimeField(null=True)),
                ("accepted_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("attempt", models.PositiveSmallIntegerField(default=0)),
                ("account", models.CharField(blank=True, max_length=20)),
                ("gateway_id", models.CharField(blank=True, max_length=40)),
                ("gateway_code", models.CharField(blank=True, max_length=40)),
                ("lookup_at", models.DateTimeField(null=True)),
                ("lookups", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "db_table": "messaging_message",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="CallKey",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "source", "call_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("source", models.CharField(max_length=20)),
                ("call_id", models.CharField(max_length=64)),
                ("digest", models.BinaryField(max_length=16)),
                ("received_at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="GatewayAccount",
            fields=[
                ("name", models.CharField(max_length=20, primary_key=True, serialize=False)),
                (
                    "breaker",
                    models.CharField(
                        choices=[("closed", "정상"), ("open", "멈춤"), ("half_open", "시험 중")],
                        default="closed",
                        max_length=10,
                    ),
                ),
                ("failures", models.PositiveIntegerField(default=0)),
                ("retry_at", models.DateTimeField(null=True)),
                ("stop_reason", models.CharField(blank=True, max_length=120)),
                ("next_request_at", models.DateTimeField()),
                ("next_release_at", models.DateTimeField()),
                ("balance", models.BigIntegerField(null=True)),
                ("balance_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="OptOutEvent",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "source", "event_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("source", models.CharField(max_length=20)),
                ("event_id", models.CharField(max_length=64)),
                ("digest", models.BinaryField(max_length=16)),
                ("received_at", models.DateTimeField(db_index=True)),
                ("shops", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="RecipientGuard",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "shop_id",
                        "recipient_index",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("shop_id", models.BigIntegerField()),
                ("recipient_index", models.BinaryField(max_length=16)),
                ("last_sent_at", models.DateTimeField()),
                ("previous_sent_at", models.DateTimeField(null=True)),
                ("message_id", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="ShopNumbers",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "shop_id", "day", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("shop_id", models.BigIntegerField()),
                ("day", models.DateField()),
                ("calls", models.IntegerField(default=0)),
                ("sent", models.IntegerField(default=0)),
                ("held", models.IntegerField(default=0)),
                ("not_sent", models.IntegerField(default=0)),
                ("delivered", models.IntegerField(default=0)),
                ("failed", models.IntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="WorkerSeen",
            fields=[
                ("name", models.CharField(max_length=120, primary_key=True, serialize=False)),
                ("seen_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Picture",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sha256", models.CharField(max_length=64)),
                ("file", models.FileField(upload_to="pictures/")),
                ("width", models.PositiveSmallIntegerField()),
                ("height", models.PositiveSmallIntegerField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "shop",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pictures",
                        to="accounts.shop",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="GatewayPicture",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("account", models.CharField(max_length=20)),
                ("file_id", models.CharField(max_length=80)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "picture",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="uploads",
                        to="messaging.picture",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PromoVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("common", "공통형"),
                            ("coupon", "쿠폰형"),
                            ("event", "이벤트형"),
                            ("card", "명함형"),
                        ],
                        max_length=10,
                        verbose_name="종류",
                    ),
                ),
                ("headline", models.CharField(max_length=60, verbose_name="제목")),
                ("body", models.TextField(verbose_name="내용")),
                ("starts_on", models.DateField(null=True, verbose_name="시작")),
                ("ends_on", models.DateField(null=True, verbose_name="끝")),
                ("created_at", models.DateTimeField()),
                ("live", models.BooleanField(default=False)),
                ("standing", models.BooleanField(default=False)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "picture",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="messaging.picture"
                    ),
                ),
                (
                    "shop",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="promos", to="accounts.shop"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="QuotaDay",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "shop_id", "day", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("shop_id", models.BigIntegerField()),
                ("day", models.DateField()),
                ("used", models.PositiveIntegerField(default=0)),
                ("cap", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("used__gte", 0)), name="quota_not_negative"),
                    models.CheckConstraint(
                        condition=models.Q(("used__lte", models.F("cap"))), name="quota_within_cap"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Block",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("recipient_index", models.BinaryField(max_length=16)),
                ("recipient_sealed", models.BinaryField()),
                ("label", models.CharField(blank=True, max_length=30, verbose_name="메모")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "shop",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="blocks", to="accounts.shop"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("shop"), models.F("recipient_index"), name="block_once_a_shop"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OptOut",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("recipient_index", models.BinaryField(max_length=16)),
                ("last4", models.CharField(blank=True, max_length=4)),
                (
                    "source",
                    models.CharField(
                        choices=[("080", "080 전화"), ("link", "문자 링크"), ("gateway", "통신사 수신거부")],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("notified_at", models.DateTimeField(null=True)),
                (
                    "shop",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="optouts",
                        to="accounts.shop",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["shop", "-at"], name="optout_of_a_shop")],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("shop"),
                        models.F("recipient_index"),
                        condition=models.Q(("ended_at__isnull", True)),
                        name="optout_once_in_force",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="picture",
            constraint=models.UniqueConstraint(
                models.F("shop"), models.F("sha256"), name="picture_once_a_shop", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="gatewaypicture",
            constraint=models.UniqueConstraint(
                models.F("account"), models.F("picture"), name="gateway_picture_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="promoversion",
            constraint=models.UniqueConstraint(
                models.F("shop"), models.F("number"), name="promo_number_once_a_shop"
            ),
        ),
        migrations.AddConstraint(
            model_name="promoversion",
            constraint=models.UniqueConstraint(
                models.F("shop"), condition=models.Q(("live", True)), name="promo_one_live_a_shop"
            ),
        ),
        migrations.AddConstraint(
            model_name="promoversion",
            constraint=models.UniqueConstraint(
                models.F("shop"), condition=models.Q(("standing", True)), name="promo_one_standing_a_shop"
            ),
        ),
        migrations.AddConstraint(
            model_name="promoversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("standing", True), _negated=True), ("ends_on__isnull", True), _connector="OR"
                ),
                name="promo_standing_never_ends",
            ),
        ),
        migrations.RunSQL(CREATE, DROP),
        migrations.RunPython(make_partitions, migrations.RunPython.noop),
    ]
