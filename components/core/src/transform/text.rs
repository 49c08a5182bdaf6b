//! Plain strings.

use std::borrow::Cow;

/// HubSpot cannot store U+0000.
pub(super) fn without_nulls(value: &str) -> Cow<'_, str> {
    if value.contains('\0') {
        value.replace('\0', "").into()
    } else {
        value.into()
    }
}

/// Line ends as `\n`: which one a text came with is no difference.
pub(super) fn unix_lines(value: &str) -> Cow<'_, str> {
    if value.contains('\r') {
        value.replace("\r\n", "\n").replace('\r', "\n").into()
    } else {
        value.into()
    }
}
