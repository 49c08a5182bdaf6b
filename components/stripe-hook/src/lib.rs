//! The stripe-hook component.
