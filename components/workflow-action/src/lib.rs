//! The workflow-action component.
