"""Arithmetic that the topics share: years, money, people, flows and words for figures."""
