//! Words of a provider for words of HubSpot, one to one.

use super::TransformError;

/// Pairs of a provider's word and HubSpot's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enumeration {
    pairs: Vec<(String, String)>,
}

impl Enumeration {
    /// Reads `A=a,B=b` or `a,b`.
    pub(super) fn parse(text: &str) -> Result<Self, TransformError> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for option in text.split(',') {
            let (from, to) = option.split_once('=').unwrap_or((option, option));
            let (from, to) = (from.trim(), to.trim());
            if from.is_empty() || to.is_empty() {
                return Err(TransformError::EmptyOption);
            }
            for (known_from, known_to) in &pairs {
                if known_from == from || known_to == to {
                    return Err(TransformError::DuplicateOption(option.to_owned()));
                }
            }
            pairs.push((from.to_owned(), to.to_owned()));
        }
        Ok(Self { pairs })
    }

    /// HubSpot's word.
    pub(super) fn forward(&self, word: &str) -> Option<&str> {
        let pair = self.pairs.iter().find(|(from, _)| from == word)?;
        Some(&pair.1)
    }

    /// The provider's word.
    pub(super) fn backward(&self, word: &str) -> Option<&str> {
        let pair = self.pairs.iter().find(|(_, to)| to == word)?;
        Some(&pair.0)
    }

    /// HubSpot's words.
    pub fn targets(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().map(|(_, to)| to.as_str())
    }
}
