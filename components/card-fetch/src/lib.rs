//! The card-fetch component.
