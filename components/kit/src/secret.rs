//! A string that must not be printed.

/// A secret: its `Debug` is redacted and it has no `Display`, so reading it is always written out as
/// [`Secret::expose`].
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a value.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself, for the one place that sends or uses it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    /// S0-90: a token cannot reach a log by way of `Debug`.
    #[test]
    fn debug_is_redacted() {
        assert_eq!(format!("{:?}", Secret::new("token-123")), "Secret(…)");
    }
}
