//! Hard limits: what takes a target out before any strategy looks at it.
