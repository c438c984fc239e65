"""Notify: posts events of the change log to webhooks, by the Standard Webhooks specification."""
