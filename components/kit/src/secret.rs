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

/// Secrets that all count while one replaces another: at least one, and none of them empty, with which anybody could sign.
#[derive(Debug)]
pub struct Secrets(Vec<Secret>);

impl Secrets {
    /// None where there is no secret, or an empty one.
    pub fn new(secrets: Vec<Secret>) -> Option<Self> {
        let usable = !secrets.is_empty() && secrets.iter().all(|one| !one.expose().is_empty());
        usable.then_some(Self(secrets))
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Secret> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::{Secret, Secrets};

    /// S0-90: a token cannot reach a log by way of `Debug`.
    #[test]
    fn debug_is_redacted() {
        assert_eq!(format!("{:?}", Secret::new("token-123")), "Secret(…)");
    }

    #[test]
    fn an_empty_secret_is_none() {
        let of = |texts: &[&str]| {
            let secrets = Secrets::new(texts.iter().map(|text| Secret::new(*text)).collect());
            secrets.map(|secrets| secrets.iter().count())
        };
        assert_eq!(of(&["a", "b"]), Some(2));
        assert_eq!([of(&[]), of(&[""]), of(&["a", ""])], [None, None, None]);
    }
}
