"""The texts shops start from (업종별 기본 템플릿, rules.md §6), as data, and how they are read. Pure: no models."""
