"""The leak test: three machines as network namespaces, of which the first can reach the second alone."""
