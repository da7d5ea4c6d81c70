//! The `tenantry` program.

use std::process::ExitCode;

// That of glibc keeps the 19 MiB of a password hash for each thread that ever computed one.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    tenantry::cli::main()
}
