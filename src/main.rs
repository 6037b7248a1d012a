//! The `mfa-sidecar` program: parses the command line and hands over.

fn main() -> std::process::ExitCode {
    mfa_sidecar::cli::main()
}
