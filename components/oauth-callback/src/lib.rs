//! The oauth-callback component.
