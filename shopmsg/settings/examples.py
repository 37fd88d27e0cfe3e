"""Made-up values that the demo and the tests have in place of real ones; each says that it is an example."""

from typing import Final

EXAMPLE_SUPPLIER: Final = {
    "name": "예시통신(예시)",
    "number": "2222222227",
    "representative": "김예시",
    "address": "서울특별시 종로구 예시로 1",
    "business_type": "정보통신업",
    "business_item": "부가통신업",
    "email": "bill@example.kr",
    "bank_account": "예시은행 000-000000-00-000 예시통신",
}
