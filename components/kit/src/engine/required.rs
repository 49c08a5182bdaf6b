//! Properties without which HubSpot takes no new record.

use crate::core::mapping::MappedRecord;
use crate::core::{catalog, reconciling};

/// The first of them that a new record would lack: neither every record gets it (`constant`), nor has this one a value for
/// it. None where it is complete.
pub(crate) fn missing_required(
    object: &catalog::Object,
    constant: impl Fn(&str) -> bool,
    fields: &[reconciling::Field],
    record: &MappedRecord,
) -> Option<String> {
    let has = |property: &String| {
        let mut fields = fields.iter().zip(&record.fields);
        constant(property)
            || fields.any(|(known, field)| known.property == *property && field.value.is_some())
    };
    let mut required = object.required.iter();
    required.find(|property| !has(property)).cloned()
}
