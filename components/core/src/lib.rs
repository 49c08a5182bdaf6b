//! The pure core of sync300.
