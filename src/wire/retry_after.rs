//! Retry-After in all its forms.
