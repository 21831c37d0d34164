select cast(amount * (1 + rate) as decimal(12, 2))
