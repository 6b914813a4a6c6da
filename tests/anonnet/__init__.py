"""
A private onion network on loopback: three authorities, three relays, two exits.

Tests ask for the fixtures of ``fixtures.py``. By hand, ``python -m tests.anonnet anon`` keeps one running.
"""
