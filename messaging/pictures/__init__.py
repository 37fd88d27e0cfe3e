"""Promo pictures (홍보 이미지): uploads made safe, and pictures we draw. Pure: no models, no settings."""
