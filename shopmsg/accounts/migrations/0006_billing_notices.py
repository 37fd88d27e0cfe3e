from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_signup_notices"),
    ]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("login_code", "로그인 인증번호"),
                    ("optout_result", "수신거부 결과 알림"),
                    ("resubscribe_result", "다시 받기 결과 알림"),
                    ("sending_stopped", "발송 중지 알림"),
                    ("promo_ending", "홍보 기간 알림"),
                    ("publication_refused", "예약한 홍보문자 알림"),
                    ("quota_near", "하루 한도 알림"),
                    ("number_changed", "번호 변경 알림"),
                    ("login_link", "로그인 링크"),
                    ("member_added", "함께 보기 초대"),
                    ("draft_review", "시안 확인 링크"),
                    ("application_received", "신청 접수 알림"),
                    ("welcome", "환영 문자"),
                    ("owner_changed", "가게 주인 변경 알림"),
                    ("shop_closed", "해지 알림"),
                    ("free_month_ending", "무료 기간 끝 알림"),
                    ("price_changing", "요금 변경 알림"),
                    ("commitment_ending", "약정 끝 알림"),
                    ("invoice_ready", "청구서 알림"),
                    ("payment_failed", "결제 실패 알림"),
                    ("unpaid", "미납 알림"),
                    ("stopped_unpaid", "미납 정지 알림"),
                    ("resumed_paid", "발송 재개 알림"),
                    ("change_offered", "요금제 변경 확인 링크"),
                    ("plan_changed", "요금제 변경 알림"),
                    ("cancel_booked", "해지 예약 알림"),
                    ("referral_rewarded", "추천 한 달 무료 알림"),
                ],
                max_length=30,
            ),
        ),
    ]
