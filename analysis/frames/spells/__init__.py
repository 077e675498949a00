"""Spells of registers as Ibis expressions: monthly panel, outcomes, counts; and the engines that run them."""
