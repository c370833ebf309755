"""Rules over the facts of many subjects: three-valued answers, amounts, gaps; one meaning on every engine."""
