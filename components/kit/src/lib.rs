//! What the edge components share.
