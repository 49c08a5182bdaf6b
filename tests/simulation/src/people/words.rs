//! The values that people type, each of which can be told from everything else.

/// Every personal value holds this text, so that it is found where it must not be.
pub(crate) const CANARY: &str = "zebra";

/// Every phone number holds these digits.
pub(crate) const CANARY_PHONE: &str = "212736";

/// A name in letters: one person's, of one firm.
pub(crate) fn word(firm: usize, serial: u32) -> String {
    let mut letters = String::new();
    let mut rest = serial;
    loop {
        letters.push(char::from(b'a' + (rest % 26) as u8));
        rest /= 26;
        if rest == 0 {
            break;
        }
    }
    // An end of its own, so that no word is the beginning of another.
    format!("Zebra{}{letters}q", mark(firm))
}

/// What every name of a firm carries behind the canary, to tell two firms apart.
pub(crate) fn mark(firm: usize) -> char {
    if firm.is_multiple_of(2) { 'x' } else { 'y' }
}

/// The same for every firm: what tells people apart must not lead across portals.
pub(super) fn email(serial: u32) -> String {
    format!("{CANARY}.{serial}@example.org")
}

pub(super) fn domain(firm: usize, serial: u32) -> String {
    format!("{}.com", word(firm, serial).to_lowercase())
}

pub(super) fn phone(serial: u32) -> String {
    format!("(212) 736-{:04}", serial % 10_000)
}
