"""The synthetic trial: people, registers and answers that give the published figures."""
