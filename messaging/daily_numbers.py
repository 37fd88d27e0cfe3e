"""What happens after a message has left, in the owner's daily numbers: links opened and coupons used."""

from datetime import date

from django.db import connection

# The order of the pipeline's locks is messages < quota rows < guards < numbers: one row and nothing after it cannot
# close a ring with messaging.quota.add_numbers, which takes its rows in key order as the last thing it does.
_BUMP = """
INSERT INTO messaging_shopnumbers AS n (shop_id, day, calls, sent, held, not_sent, delivered, failed, visited, redeemed)
VALUES (%s, %s, 0, 0, 0, 0, 0, 0, %s, %s)
ON CONFLICT (shop_id, day) DO UPDATE
SET visited = n.visited + excluded.visited, redeemed = n.redeemed + excluded.redeemed
"""


def bump(shop_id: int, day: date, *, visited: int = 0, redeemed: int = 0) -> None:
    """Add people who opened a link (링크 열어 봄) and coupons used (쿠폰 씀) to a shop's KST `day`.

    Call it last in a transaction: the row stays locked until the commit, and the pipeline waits for it.
    """
    if not (visited or redeemed):
        return
    with connection.cursor() as cursor:
        cursor.execute(_BUMP, [shop_id, day, visited, redeemed])
