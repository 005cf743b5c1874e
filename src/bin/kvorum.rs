//! The native command line (see [`kvorum::cli`]).

fn main() -> std::process::ExitCode {
    kvorum::cli::main()
}
