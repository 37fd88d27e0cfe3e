"""Billing: contracts with their history, accounts, the ledger and everything that stands on it.

Subscriptions that run already get the row their history begins with, and an account.
"""

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def _begin_histories(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    changes = apps.get_model("billing", "SubscriptionChange").objects
    accounts = apps.get_model("billing", "Account").objects
    for number, row in enumerate(apps.get_model("billing", "Subscription").objects.order_by("pk")):
        made = {"subscription": row, "by_id": row.created_by_id, "created_at": row.created_at}
        agreed = {"product": row.product, "term_months": row.term_months, "bundle": row.bundle}
        pack = {"pack_internet": row.pack_internet, "pack_parts": row.pack_parts}
        changes.create(number=1, kind="started", on=row.starts_on, **agreed, **pack, **made)
        if row.ended_on is not None:
            changes.create(number=2, kind="cancelled", on=row.ended_on, until=row.ended_on, **made)
            row.last_day = row.ended_on
            row.save(update_fields=["last_day"])
        # The row's own place makes codes that cannot meet; new accounts draw theirs.
        codes = {"deposit_code": f"{number:06d}", "referral_code": f"G{number:05d}"}
        accounts.get_or_create(shop_id=row.shop_id, defaults={**codes, "created_at": row.created_at})


#: Kept five years (rules.md §5), and until then neither changed nor deleted.
_KEPT = ("billing_ledgerentry", "billing_invoice", "billing_subscriptionchange")
_KEEP = """
CREATE FUNCTION billing_keep() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    made timestamptz;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    ELSIF TG_OP = 'TRUNCATE' THEN
        RAISE EXCEPTION 'rows of % are never truncated', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    made := COALESCE((to_jsonb(OLD)->>'posted_at')::timestamptz, (to_jsonb(OLD)->>'created_at')::timestamptz);
    IF made > now() - interval '5 years' THEN
        RAISE EXCEPTION 'rows of % are kept five years', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;
""" + "".join(
    f"""
CREATE TRIGGER {table.removeprefix("billing_")}_keep BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION billing_keep();
CREATE TRIGGER {table.removeprefix("billing_")}_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION billing_keep();
"""
    for table in _KEPT
)
_RELEASE = (
    "".join(
        f"""
DROP TRIGGER {table.removeprefix("billing_")}_keep ON {table};
DROP TRIGGER {table.removeprefix("billing_")}_no_truncate ON {table};
"""
        for table in _KEPT
    )
    + "DROP FUNCTION billing_keep();"
)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_signup_notices"),
        ("billing", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("none", "아직 정하지 않음"),
                            ("card", "카드 자동 결제"),
                            ("transfer", "계좌 이체"),
                            ("phone_bill", "KT 전화요금에 합산"),
                        ],
                        default="none",
                        max_length=10,
                    ),
                ),
                ("balance_krw", models.BigIntegerField(default=0)),
                ("unpaid_since", models.DateField(null=True)),
                ("billed_through", models.DateField(null=True)),
                ("deposit_code", models.CharField(max_length=6, unique=True)),
                ("referral_code", models.CharField(max_length=8, unique=True)),
                ("dunning_step", models.PositiveSmallIntegerField(default=0)),
                ("stopped_at", models.DateTimeField(null=True)),
                ("hold_until", models.DateField(null=True)),
                ("phone_bill_line", models.CharField(blank=True, max_length=11)),
                ("tax_name", models.CharField(blank=True, max_length=60)),
                ("tax_representative", models.CharField(blank=True, max_length=30)),
                ("tax_address", models.CharField(blank=True, max_length=150)),
                ("tax_business_type", models.CharField(blank=True, max_length=40)),
                ("tax_business_item", models.CharField(blank=True, max_length=40)),
                ("tax_email", models.EmailField(blank=True, max_length=40)),
                ("created_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Adjustment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("credit", "돌려드림"), ("correction", "바로잡음")], max_length=10
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("requested", "승인 대기"), ("posted", "반영함"), ("rejected", "반려함")],
                        default="requested",
                        max_length=9,
                    ),
                ),
                ("amount_krw", models.IntegerField()),
                ("reason", models.CharField(max_length=200)),
                ("requested_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("decision_reason", models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name="AgreedFee",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("alimtalk", "알림톡"),
                            ("brand_text", "친구톡(브랜드메시지) 글"),
                            ("brand_image", "친구톡(브랜드메시지) 그림"),
                            ("town_tv", "우리동네TV"),
                            ("genie_tv", "지니TV"),
                            ("point_prize", "KT 멤버십 포인트 경품 수수료"),
                            ("partner_prize", "제휴 경품 수수료"),
                        ],
                        max_length=16,
                    ),
                ),
                ("effective_from", models.DateField()),
                ("won", models.PositiveIntegerField()),
                ("created_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="BankImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("sha256", models.CharField(max_length=64)),
                ("rows", models.PositiveIntegerField(default=0)),
                ("added", models.PositiveIntegerField(default=0)),
                ("repeated", models.PositiveIntegerField(default=0)),
                ("withdrawals", models.PositiveIntegerField(default=0)),
                ("problems", models.JSONField(default=list)),
                ("created_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="BankLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=64, unique=True)),
                ("at", models.DateTimeField()),
                ("amount_krw", models.PositiveIntegerField()),
                ("sender", models.CharField(blank=True, max_length=60)),
                ("memo", models.CharField(blank=True, max_length=100)),
                ("balance_krw", models.BigIntegerField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "주인을 찾는 중"),
                            ("matched", "가게에 넣음"),
                            ("set_aside", "우리 것이 아님"),
                        ],
                        default="open",
                        max_length=9,
                    ),
                ),
                ("why", models.CharField(blank=True, max_length=120)),
                ("decided_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="BillingRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField()),
                ("dry", models.BooleanField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "기다리는 중"),
                            ("running", "계산 중"),
                            ("done", "끝남"),
                            ("stopped", "멈춤"),
                            ("failed", "실패"),
                        ],
                        default="queued",
                        max_length=7,
                    ),
                ),
                ("cursor", models.BigIntegerField(default=0)),
                ("todo", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("invoices", models.PositiveIntegerField(default=0)),
                ("total_krw", models.BigIntegerField(default=0)),
                ("supply_krw", models.BigIntegerField(default=0)),
                ("vat_krw", models.BigIntegerField(default=0)),
                ("before_krw", models.BigIntegerField(default=0)),
                ("problems", models.JSONField(default=list)),
                ("created_at", models.DateTimeField()),
                ("beat_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Card",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "쓰는 중"), ("broken", "쓸 수 없음"), ("removed", "지움")],
                        default="active",
                        max_length=7,
                    ),
                ),
                ("customer_key", models.CharField(max_length=50)),
                ("billing_key_sealed", models.BinaryField()),
                ("key_index", models.BinaryField(max_length=32)),
                ("number", models.CharField(max_length=24)),
                ("issuer", models.CharField(blank=True, max_length=30)),
                ("fingerprint", models.BinaryField(max_length=32)),
                ("broken_for", models.CharField(blank=True, max_length=120)),
                ("created_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="CardCancel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("prepared", "보낼 예정"),
                            ("submitting", "결제 중"),
                            ("uncertain", "확인 중"),
                            ("paid", "결제됨"),
                            ("declined", "거절됨"),
                            ("abandoned", "그만둠"),
                        ],
                        default="prepared",
                        max_length=10,
                    ),
                ),
                ("amount_krw", models.PositiveIntegerField()),
                ("reason", models.CharField(max_length=200)),
                ("idempotency_key", models.CharField(max_length=64, unique=True)),
                ("left_before_krw", models.PositiveIntegerField()),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("code", models.CharField(blank=True, max_length=60)),
                ("created_at", models.DateTimeField()),
                ("next_at", models.DateTimeField(null=True)),
                ("settled_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="CardCharge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("prepared", "보낼 예정"),
                            ("submitting", "결제 중"),
                            ("uncertain", "확인 중"),
                            ("paid", "결제됨"),
                            ("declined", "거절됨"),
                            ("abandoned", "그만둠"),
                        ],
                        default="prepared",
                        max_length=10,
                    ),
                ),
                ("amount_krw", models.PositiveIntegerField()),
                ("order_id", models.CharField(max_length=64, unique=True)),
                ("idempotency_key", models.CharField(max_length=64, unique=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("code", models.CharField(blank=True, max_length=60)),
                ("why", models.CharField(blank=True, max_length=200)),
                ("payment_key", models.CharField(blank=True, max_length=200)),
                ("receipt_url", models.CharField(blank=True, max_length=500)),
                ("raw", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField()),
                ("submitted_at", models.DateTimeField(null=True)),
                ("next_at", models.DateTimeField(null=True)),
                ("settled_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="CardHint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("transmission_id", models.CharField(max_length=100, unique=True)),
                ("event", models.CharField(max_length=60)),
                ("order_id", models.CharField(blank=True, max_length=64)),
                ("known", models.BooleanField(default=False)),
                ("received_at", models.DateTimeField()),
                ("looked_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="CatalogueRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("price", "이용료"),
                            ("plan", "이벤트 요금제"),
                            ("usage", "사용료"),
                            ("bands", "할인반환율"),
                        ],
                        max_length=6,
                    ),
                ),
                ("code", models.CharField(blank=True, max_length=16)),
                ("effective_from", models.DateField()),
                ("data", models.JSONField()),
                ("source", models.CharField(max_length=200)),
                ("created_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="ChangeOffer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("sent", "보냄"),
                            ("confirmed", "확인함"),
                            ("declined", "원하지 않음"),
                            ("withdrawn", "거둠"),
                        ],
                        default="sent",
                        max_length=9,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("started", "개통"),
                            ("committed", "약정 시작·올림"),
                            ("commitment_left", "약정 그만두기"),
                            ("bundled", "결합"),
                            ("unbundled", "결합 그만두기"),
                            ("product_changed", "상품 바꾸기"),
                            ("plan_changed", "이벤트 요금제 바꾸기"),
                            ("paused", "일시정지"),
                            ("resumed", "다시 쓰기"),
                            ("cancelled", "해지 예약"),
                            ("cancel_taken_back", "해지 되돌리기"),
                        ],
                        max_length=18,
                    ),
                ),
                ("fields", models.JSONField(default=dict)),
                ("promised", models.JSONField(default=dict)),
                ("token_hash", models.BinaryField(max_length=32, unique=True)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                ("address", models.GenericIPAddressField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="DunningStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("unpaid_since", models.DateField()),
                ("step", models.PositiveSmallIntegerField()),
                ("owed_krw", models.BigIntegerField()),
                ("taken_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Invoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("invoice", "청구서"), ("note", "정정 청구서")],
                        default="invoice",
                        max_length=7,
                    ),
                ),
                ("number", models.CharField(max_length=24, unique=True)),
                ("month", models.DateField()),
                ("issued_on", models.DateField()),
                ("due_on", models.DateField()),
                ("tax_due_on", models.DateField()),
                ("total_krw", models.BigIntegerField()),
                ("supply_krw", models.BigIntegerField()),
                ("vat_krw", models.BigIntegerField()),
                ("carried_krw", models.BigIntegerField()),
                ("party", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("service", "이용료"),
                            ("plan", "이벤트 요금제"),
                            ("refund", "할인반환금"),
                            ("usage", "사용료"),
                            ("credit", "돌려드림"),
                            ("correction", "바로잡음"),
                            ("referral", "추천 한 달 무료"),
                            ("payment", "납부"),
                            ("payment_back", "환불"),
                        ],
                        max_length=12,
                    ),
                ),
                ("key", models.CharField(max_length=120, unique=True)),
                ("amount_krw", models.BigIntegerField()),
                ("supply_krw", models.BigIntegerField()),
                ("vat_krw", models.BigIntegerField()),
                ("discount_krw", models.BigIntegerField(default=0)),
                ("anchor", models.DateField(null=True)),
                ("first", models.DateField()),
                ("last", models.DateField()),
                ("label", models.CharField(max_length=80)),
                ("sentence", models.CharField(max_length=500)),
                ("detail", models.JSONField(default=dict)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "method",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("none", "아직 정하지 않음"),
                            ("card", "카드 자동 결제"),
                            ("transfer", "계좌 이체"),
                            ("phone_bill", "KT 전화요금에 합산"),
                        ],
                        max_length=10,
                    ),
                ),
                ("posted_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="PhoneBillBatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField(unique=True)),
                ("created_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                ("problems", models.JSONField(default=list)),
            ],
        ),
        migrations.CreateModel(
            name="PhoneBillRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("line", models.CharField(max_length=11)),
                ("amount_krw", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[("exported", "KT에 넘김"), ("paid", "받음"), ("failed", "못 받음")],
                        default="exported",
                        max_length=8,
                    ),
                ),
                ("why", models.CharField(blank=True, max_length=120)),
            ],
        ),
        migrations.CreateModel(
            name="Referral",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "첫 납부를 기다림"),
                            ("rewarded", "한 달 무료를 드림"),
                            ("refused", "드릴 수 없음"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("refused_for", models.CharField(blank=True, max_length=120)),
                ("created_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="RunDifference",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("before_krw", models.BigIntegerField()),
                ("after_krw", models.BigIntegerField()),
                ("why", models.CharField(max_length=300)),
            ],
        ),
        migrations.CreateModel(
            name="SubscriptionChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("started", "개통"),
                            ("committed", "약정 시작·올림"),
                            ("commitment_left", "약정 그만두기"),
                            ("bundled", "결합"),
                            ("unbundled", "결합 그만두기"),
                            ("product_changed", "상품 바꾸기"),
                            ("plan_changed", "이벤트 요금제 바꾸기"),
                            ("paused", "일시정지"),
                            ("resumed", "다시 쓰기"),
                            ("cancelled", "해지 예약"),
                            ("cancel_taken_back", "해지 되돌리기"),
                        ],
                        max_length=18,
                    ),
                ),
                ("on", models.DateField()),
                (
                    "product",
                    models.CharField(
                        choices=[("soho", "소상공인형"), ("basic", "기본형"), ("premium", "프리미엄형")],
                        default="soho",
                        max_length=10,
                    ),
                ),
                ("term_months", models.PositiveSmallIntegerField(default=0)),
                (
                    "bundle",
                    models.CharField(
                        choices=[
                            ("none", "결합 없음"),
                            ("success_pack", "사장님성공팩"),
                            ("assistant_pack", "사장님AI비서팩"),
                        ],
                        default="none",
                        max_length=14,
                    ),
                ),
                ("pack_internet", models.CharField(blank=True, max_length=20)),
                ("pack_parts", models.JSONField(default=list)),
                (
                    "plan",
                    models.CharField(
                        choices=[
                            ("none", "이벤트 요금제 없음"),
                            ("basic", "이벤트 기본"),
                            ("pro", "이벤트 프로"),
                            ("enterprise", "이벤트 엔터프라이즈"),
                        ],
                        default="none",
                        max_length=10,
                    ),
                ),
                ("until", models.DateField(null=True)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="TaxInvoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "새로 발급"),
                            ("01", "기재사항 착오·정정"),
                            ("02", "공급가액 변동"),
                            ("04", "계약의 해제"),
                            ("06", "착오에 의한 이중발급"),
                        ],
                        max_length=2,
                    ),
                ),
                ("part", models.PositiveSmallIntegerField(default=1)),
                ("written_on", models.DateField()),
                ("supply_krw", models.BigIntegerField()),
                ("vat_krw", models.BigIntegerField()),
                ("file", models.CharField(blank=True, max_length=60)),
                ("exported_at", models.DateTimeField(null=True)),
                ("approval_number", models.CharField(blank=True, max_length=24)),
                ("said", models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="Usage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=100, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("alimtalk", "알림톡"),
                            ("brand_text", "친구톡(브랜드메시지) 글"),
                            ("brand_image", "친구톡(브랜드메시지) 그림"),
                            ("town_tv", "우리동네TV"),
                            ("genie_tv", "지니TV"),
                            ("point_prize", "KT 멤버십 포인트 경품 수수료"),
                            ("partner_prize", "제휴 경품 수수료"),
                        ],
                        max_length=16,
                    ),
                ),
                ("used_on", models.DateField()),
                ("quantity", models.PositiveBigIntegerField()),
                ("reference", models.CharField(blank=True, max_length=100)),
                ("reported_at", models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="subscription",
            name="subscription_end_known",
        ),
        migrations.AddField(
            model_name="subscription",
            name="last_day",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="subscription",
            name="plan",
            field=models.CharField(
                choices=[
                    ("none", "이벤트 요금제 없음"),
                    ("basic", "이벤트 기본"),
                    ("pro", "이벤트 프로"),
                    ("enterprise", "이벤트 엔터프라이즈"),
                ],
                default="none",
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(
                condition=models.Q(("last_day__isnull", False), ("state", "running")),
                fields=["last_day"],
                name="subscription_to_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(
                condition=models.Q(("plan__in", ["none", "basic", "pro", "enterprise"])),
                name="subscription_plan_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("last_day__isnull", True), ("last_day__gte", models.F("starts_on")), _connector="OR"
                ),
                name="subscription_ends_after_start",
            ),
        ),
        migrations.AddField(
            model_name="account",
            name="shop",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="account", to="accounts.shop"
            ),
        ),
        migrations.AddField(
            model_name="adjustment",
            name="decided_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="adjustment",
            name="requested_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="adjustment",
            name="shop",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="adjustments", to="accounts.shop"
            ),
        ),
        migrations.AddField(
            model_name="agreedfee",
            name="created_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="agreedfee",
            name="merchant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="agreed_fees",
                to="accounts.merchant",
            ),
        ),
        migrations.AddField(
            model_name="bankimport",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="bankline",
            name="decided_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="bankline",
            name="imported",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="billing.bankimport"
            ),
        ),
        migrations.AddField(
            model_name="bankline",
            name="shop",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.shop"
            ),
        ),
        migrations.AddField(
            model_name="billingrun",
            name="started_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="card",
            name="by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="card",
            name="shop",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="cards", to="accounts.shop"
            ),
        ),
        migrations.AddField(
            model_name="cardcancel",
            name="by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="cardcharge",
            name="by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="cardcharge",
            name="card",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="charges", to="billing.card"
            ),
        ),
        migrations.AddField(
            model_name="cardcharge",
            name="shop",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="charges", to="accounts.shop"
            ),
        ),
        migrations.AddField(
            model_name="cardcancel",
            name="charge",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="cancels", to="billing.cardcharge"
            ),
        ),
        migrations.AddField(
            model_name="cataloguerow",
            name="created_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="cataloguerow",
            name="withdrawn_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="changeoffer",
            name="made_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="changeoffer",
            name="shop",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="change_offers", to="accounts.shop"
            ),
        ),
        migrations.AddField(
            model_name="dunningstep",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="dunning_steps",
                to="billing.account",
            ),
        ),
        migrations.AddField(
            model_name="invoice",
            name="original",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="notes",
                to="billing.invoice",
            ),
        ),
        migrations.AddField(
            model_name="invoice",
            name="shop",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="invoices", to="accounts.shop"
            ),
        ),
        migrations.AddField(
            model_name="cardcharge",
            name="invoice",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="charges",
                to="billing.invoice",
            ),
        ),
        migrations.AddField(
            model_name="adjustment",
            name="note",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="adjustment",
                to="billing.invoice",
            ),
        ),
        migrations.AddField(
            model_name="adjustment",
            name="original",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="adjustments",
                to="billing.invoice",
            ),
        ),
        migrations.AddField(
            model_name="ledgerentry",
            name="by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="ledgerentry",
            name="invoice",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entries",
                to="billing.invoice",
            ),
        ),
        migrations.AddField(
            model_name="ledgerentry",
            name="shop",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="ledger", to="accounts.shop"
            ),
        ),
        migrations.AddField(
            model_name="ledgerentry",
            name="subscription",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="ledger",
                to="billing.subscription",
            ),
        ),
        migrations.AddField(
            model_name="cardcharge",
            name="entry",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="charge",
                to="billing.ledgerentry",
            ),
        ),
        migrations.AddField(
            model_name="cardcancel",
            name="entry",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cancel",
                to="billing.ledgerentry",
            ),
        ),
        migrations.AddField(
            model_name="bankline",
            name="entry",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="bank_line",
                to="billing.ledgerentry",
            ),
        ),
        migrations.AddField(
            model_name="phonebillbatch",
            name="answered_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="phonebillbatch",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="phonebillrow",
            name="batch",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="rows", to="billing.phonebillbatch"
            ),
        ),
        migrations.AddField(
            model_name="phonebillrow",
            name="entry",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="phone_bill_row",
                to="billing.ledgerentry",
            ),
        ),
        migrations.AddField(
            model_name="phonebillrow",
            name="invoice",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="billing.invoice"
            ),
        ),
        migrations.AddField(
            model_name="phonebillrow",
            name="shop",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.shop"
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="referrer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="referrals", to="accounts.shop"
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="shop",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="referral", to="accounts.shop"
            ),
        ),
        migrations.AddField(
            model_name="rundifference",
            name="run",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="differences",
                to="billing.billingrun",
            ),
        ),
        migrations.AddField(
            model_name="rundifference",
            name="shop",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.shop"
            ),
        ),
        migrations.AddField(
            model_name="subscriptionchange",
            name="by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="subscriptionchange",
            name="subscription",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="billing.subscription"
            ),
        ),
        migrations.AddField(
            model_name="taxinvoice",
            name="corrects",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="corrections",
                to="billing.taxinvoice",
            ),
        ),
        migrations.AddField(
            model_name="taxinvoice",
            name="exported_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="taxinvoice",
            name="invoice",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="tax_invoices", to="billing.invoice"
            ),
        ),
        migrations.AddField(
            model_name="usage",
            name="entry",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="usage",
                to="billing.ledgerentry",
            ),
        ),
        migrations.AddField(
            model_name="usage",
            name="shop",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="usage", to="accounts.shop"
            ),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(
                condition=models.Q(("unpaid_since__isnull", False)),
                fields=["unpaid_since", "id"],
                name="account_unpaid",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(("method__in", ["none", "card", "transfer", "phone_bill"])),
                name="account_method_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(("unpaid_since__isnull", True), ("balance_krw__gt", 0), _connector="OR"),
                name="account_late_owes",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreedfee",
            constraint=models.UniqueConstraint(
                models.F("merchant"),
                models.F("kind"),
                models.F("effective_from"),
                name="agreed_fee_one_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreedfee",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "alimtalk",
                            "brand_text",
                            "brand_image",
                            "town_tv",
                            "genie_tv",
                            "point_prize",
                            "partner_prize",
                        ],
                    )
                ),
                name="agreed_fee_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="billingrun",
            constraint=models.UniqueConstraint(
                models.F("month"),
                models.F("dry"),
                condition=models.Q(("state__in", ["queued", "running"])),
                name="billing_run_one_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="billingrun",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["queued", "running", "done", "stopped", "failed"])),
                name="billing_run_state_known",
            ),
        ),
        migrations.AddIndex(
            model_name="card",
            index=models.Index(fields=["fingerprint"], name="card_same"),
        ),
        migrations.AddIndex(
            model_name="card",
            index=models.Index(fields=["key_index"], name="card_by_key"),
        ),
        migrations.AddIndex(
            model_name="cardhint",
            index=models.Index(
                condition=models.Q(("known", True), ("looked_at__isnull", True)),
                fields=["id"],
                name="hint_to_follow",
            ),
        ),
        migrations.AddConstraint(
            model_name="card",
            constraint=models.UniqueConstraint(
                models.F("shop"), condition=models.Q(("state", "active")), name="card_one_a_shop"
            ),
        ),
        migrations.AddConstraint(
            model_name="card",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["active", "broken", "removed"])), name="card_state_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="cataloguerow",
            constraint=models.UniqueConstraint(
                models.F("kind"),
                models.F("code"),
                models.F("effective_from"),
                condition=models.Q(("withdrawn_at__isnull", True)),
                name="catalogue_row_one_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="cataloguerow",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["price", "plan", "usage", "bands"])),
                name="catalogue_row_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="changeoffer",
            constraint=models.UniqueConstraint(
                models.F("shop"), condition=models.Q(("state", "sent")), name="change_offer_one_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="changeoffer",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["sent", "confirmed", "declined", "withdrawn"])),
                name="change_offer_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="dunningstep",
            constraint=models.UniqueConstraint(
                models.F("account"), models.F("unpaid_since"), models.F("step"), name="dunning_step_once"
            ),
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(fields=["shop", "-due_on", "-id"], name="invoice_of_shop"),
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(fields=["month", "id"], name="invoice_of_month"),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.UniqueConstraint(
                models.F("shop"),
                models.F("month"),
                condition=models.Q(("kind", "invoice")),
                name="invoice_one_a_month",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "total_krw",
                        django.db.models.expressions.CombinedExpression(
                            models.F("supply_krw"), "+", models.F("vat_krw")
                        ),
                    )
                ),
                name="invoice_parts_add_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["invoice", "note"])), name="invoice_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_krw", 0), _negated=True), name="adjustment_of_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("note__isnull", False), ("state", "posted")),
                    models.Q(models.Q(("state", "posted"), _negated=True), ("note__isnull", True)),
                    _connector="OR",
                ),
                name="adjustment_posted_as_note",
            ),
        ),
        migrations.AddIndex(
            model_name="ledgerentry",
            index=models.Index(fields=["shop", "-posted_at", "-id"], name="ledger_of_shop"),
        ),
        migrations.AddIndex(
            model_name="ledgerentry",
            index=models.Index(
                condition=models.Q(("subscription__isnull", False)),
                fields=["subscription", "first"],
                name="ledger_of_contract",
            ),
        ),
        migrations.AddIndex(
            model_name="ledgerentry",
            index=models.Index(
                condition=models.Q(("invoice__isnull", True)),
                fields=["posted_at"],
                name="ledger_payments_by_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "amount_krw",
                        django.db.models.expressions.CombinedExpression(
                            models.F("supply_krw"), "+", models.F("vat_krw")
                        ),
                    )
                ),
                name="ledger_parts_add_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("invoice__isnull", True), ("kind__in", ["payment", "payment_back"])),
                    models.Q(
                        ("invoice__isnull", False),
                        models.Q(("kind__in", ["payment", "payment_back"]), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="ledger_charges_stand_on_an_invoice",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "service",
                            "plan",
                            "refund",
                            "usage",
                            "credit",
                            "correction",
                            "referral",
                            "payment",
                            "payment_back",
                        ],
                    )
                ),
                name="ledger_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("last__gte", models.F("first"))), name="ledger_days_in_order"
            ),
        ),
        migrations.AddIndex(
            model_name="cardcharge",
            index=models.Index(
                condition=models.Q(("state__in", ["prepared", "submitting", "uncertain"])),
                fields=["next_at"],
                name="charge_to_do",
            ),
        ),
        migrations.AddConstraint(
            model_name="cardcharge",
            constraint=models.UniqueConstraint(
                models.F("shop"),
                condition=models.Q(("state__in", ["prepared", "submitting", "uncertain"])),
                name="charge_one_open_a_shop",
            ),
        ),
        migrations.AddConstraint(
            model_name="cardcharge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["prepared", "submitting", "uncertain", "paid", "declined", "abandoned"])
                ),
                name="charge_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="cardcharge",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_krw__gt", 0)), name="charge_of_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="cardcancel",
            constraint=models.UniqueConstraint(
                models.F("charge"),
                condition=models.Q(("state__in", ["prepared", "submitting", "uncertain"])),
                name="cancel_one_open_a_charge",
            ),
        ),
        migrations.AddConstraint(
            model_name="cardcancel",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_krw__gt", 0)), name="cancel_of_something"
            ),
        ),
        migrations.AddIndex(
            model_name="bankline",
            index=models.Index(fields=["at", "amount_krw"], name="bank_line_known"),
        ),
        migrations.AddIndex(
            model_name="bankline",
            index=models.Index(condition=models.Q(("state", "open")), fields=["-at"], name="bank_line_open"),
        ),
        migrations.AddConstraint(
            model_name="bankline",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_krw__gt", 0)), name="bank_line_of_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="bankline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("entry__isnull", False), ("state", "matched")),
                    models.Q(models.Q(("state", "matched"), _negated=True), ("entry__isnull", True)),
                    _connector="OR",
                ),
                name="bank_line_matched_is_paid",
            ),
        ),
        migrations.AddIndex(
            model_name="phonebillrow",
            index=models.Index(
                condition=models.Q(("entry__isnull", True), ("state", "paid")),
                fields=["id"],
                name="phone_bill_row_to_post",
            ),
        ),
        migrations.AddConstraint(
            model_name="phonebillrow",
            constraint=models.UniqueConstraint(
                models.F("batch"), models.F("shop"), name="phone_bill_row_one_a_shop"
            ),
        ),
        migrations.AddConstraint(
            model_name="phonebillrow",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_krw__gt", 0)), name="phone_bill_row_of_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(("shop", models.F("referrer")), _negated=True), name="referral_of_another"
            ),
        ),
        migrations.AddConstraint(
            model_name="rundifference",
            constraint=models.UniqueConstraint(
                models.F("run"), models.F("shop"), name="run_difference_one_a_shop"
            ),
        ),
        migrations.AddConstraint(
            model_name="subscriptionchange",
            constraint=models.UniqueConstraint(
                models.F("subscription"), models.F("number"), name="subscription_change_numbered"
            ),
        ),
        migrations.AddConstraint(
            model_name="subscriptionchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "started",
                            "committed",
                            "commitment_left",
                            "bundled",
                            "unbundled",
                            "product_changed",
                            "plan_changed",
                            "paused",
                            "resumed",
                            "cancelled",
                            "cancel_taken_back",
                        ],
                    )
                ),
                name="subscription_change_kind_known",
            ),
        ),
        migrations.AddIndex(
            model_name="taxinvoice",
            index=models.Index(
                condition=models.Q(("exported_at__isnull", False)),
                fields=["file", "id"],
                name="tax_invoice_file",
            ),
        ),
        migrations.AddConstraint(
            model_name="taxinvoice",
            constraint=models.UniqueConstraint(
                models.F("invoice"), models.F("reason"), models.F("part"), name="tax_invoice_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="taxinvoice",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason__in", ["", "01", "02", "04", "06"])), name="tax_reason_known"
            ),
        ),
        migrations.AddIndex(
            model_name="usage",
            index=models.Index(
                condition=models.Q(("entry__isnull", True)),
                fields=["shop", "used_on"],
                name="usage_to_charge",
            ),
        ),
        migrations.AddConstraint(
            model_name="usage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "alimtalk",
                            "brand_text",
                            "brand_image",
                            "town_tv",
                            "genie_tv",
                            "point_prize",
                            "partner_prize",
                        ],
                    )
                ),
                name="usage_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="usage",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gt", 0)), name="usage_of_something"
            ),
        ),
        # What the constraints below ask for; deferred checks would stand in the way of altering the tables.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RunPython(_begin_histories, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_on__isnull", True), ("state", "running")),
                    models.Q(("ended_on__isnull", False), ("last_day__isnull", False), ("state", "ended")),
                    _connector="OR",
                ),
                name="subscription_end_known",
            ),
        ),
        migrations.RunSQL(_KEEP, _RELEASE),
    ]
