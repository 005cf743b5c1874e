//! The engine for scripts: a WebAssembly module without a page (see `src/web/api/mod.rs`).

#[cfg(target_arch = "wasm32")]
fn main() {
    kvorum::web::api::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("kvorum-api is built for wasm32, by `cargo xtask dist`");
    std::process::exit(2);
}
