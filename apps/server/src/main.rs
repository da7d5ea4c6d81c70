//! The `tenantry` program.

use std::process::ExitCode;

// glibc's allocator retains the 19 MiB of a password hash in each thread that ever computed one.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    tenantry::cli::main()
}
