//! The simulated fleet: every provider, in process, on loopback.
