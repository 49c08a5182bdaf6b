//! The sync-tick component.
