"""From a finished call to a promo on the caller's phone: intake → decide → compose → dispatch → reports."""
