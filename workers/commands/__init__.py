"""Operations: status, trace, retry, metrics."""
