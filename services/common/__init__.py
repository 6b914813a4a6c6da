"""Mechanism that every service uses and none owns."""
