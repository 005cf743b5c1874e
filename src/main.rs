//! The web app's binary: it mounts the page (see [`kvorum::web`]).

#[cfg(target_arch = "wasm32")]
fn main() {
    kvorum::web::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("kvorum-web is built for wasm32; `cargo xtask serve` builds the site and serves it");
    std::process::exit(2);
}
