"""The mobile homepage (모바일 홈페이지): what a shop shows beside its promo, and its coupons."""
