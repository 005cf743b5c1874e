//! `wasm-bindgen` at the version that Cargo.lock pins, for wasm-pack to find on PATH.

fn main() -> anyhow::Result<()> {
    wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(std::env::args_os())
}
