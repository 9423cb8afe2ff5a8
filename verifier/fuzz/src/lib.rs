//! The bodies of the fuzz targets, under an allocator that fails beyond a bound: a length that is declared but not
//! there must not be allocated, not even untouched.

use std::alloc::System;

use cap::Cap;

pub mod targets;

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, 512 << 20);
