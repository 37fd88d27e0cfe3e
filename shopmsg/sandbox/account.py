"""The prepaid account: points are used up before the balance."""

import sqlite3
from dataclasses import dataclass


@dataclass(slots=True)
class Purse:
    """Whole won left; ``spend`` books in memory, ``save`` writes the sum once a request."""

    balance: int
    point: int
    spent_balance: int = 0
    spent_point: int = 0

    @classmethod
    def load(cls, db: sqlite3.Connection) -> "Purse":
        row = db.execute("SELECT balance, point FROM account").fetchone()
        return cls(row["balance"], row["point"])

    def spend(self, amount: int) -> bool:
        """False when the money does not suffice; nothing is taken then."""
        if amount > self.balance + self.point:
            return False
        from_point = min(amount, self.point)
        self.point -= from_point
        self.balance -= amount - from_point
        self.spent_point += from_point
        self.spent_balance += amount - from_point
        return True

    def save(self, db: sqlite3.Connection) -> None:
        db.execute("UPDATE account SET balance = ?, point = ?", (self.balance, self.point))
