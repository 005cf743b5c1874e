//! The cuts. A function here is loaded with everything that only it can reach, before it is called.

pub use code::*;

#[cfg(feature = "split")]
mod code {
    use super::super::{Commands, Draw, Narrator, Reader, Reserve};
    use super::super::{
        draw_clients, draw_embed, draw_lab, draw_menu, draw_panel, narrates, reads,
    };
    use wasm_split_helpers::{SplitLoaderError, wasm_split};

    #[wasm_split(embed, fallible)]
    pub fn embed() -> Result<Draw, SplitLoaderError> {
        Ok(draw_embed)
    }

    #[wasm_split(lab, fallible)]
    pub fn lab() -> Result<Draw, SplitLoaderError> {
        Ok(draw_lab)
    }

    pub const READER: Option<Reader> = None;

    #[wasm_split(lessons, fallible)]
    pub fn lessons() -> Result<Reader, SplitLoaderError> {
        Ok(reads())
    }

    pub const COMMANDS: Option<Commands> = None;

    #[wasm_split(commands, fallible)]
    pub fn commands() -> Result<Commands, SplitLoaderError> {
        Ok(Commands::ALL)
    }

    pub const NARRATOR: Option<Narrator> = None;

    #[wasm_split(narrator, fallible)]
    pub fn narrator() -> Result<Narrator, SplitLoaderError> {
        Ok(narrates())
    }

    pub const RESERVE: Option<Reserve> = None;

    #[wasm_split(reserve, fallible)]
    pub fn reserve() -> Result<Reserve, SplitLoaderError> {
        Ok(Reserve::ALL)
    }

    #[wasm_split(clients, fallible)]
    pub fn clients() -> Result<Draw, SplitLoaderError> {
        Ok(draw_clients)
    }

    #[wasm_split(panels, fallible)]
    pub fn panels() -> Result<Draw, SplitLoaderError> {
        Ok(draw_panel)
    }

    #[wasm_split(menu, fallible)]
    pub fn menu() -> Result<Draw, SplitLoaderError> {
        Ok(draw_menu)
    }
}

/// The module in one piece.
#[cfg(not(feature = "split"))]
mod code {
    use super::super::{Commands, Draw, Narrator, Reader, Reserve};
    use super::super::{
        draw_clients, draw_embed, draw_lab, draw_menu, draw_panel, narrates, reads,
    };
    use std::convert::Infallible;

    pub async fn embed() -> Result<Draw, Infallible> {
        Ok(draw_embed)
    }

    pub async fn lab() -> Result<Draw, Infallible> {
        Ok(draw_lab)
    }

    pub const READER: Option<Reader> = Some(reads());

    pub async fn lessons() -> Result<Reader, Infallible> {
        Ok(reads())
    }

    pub const COMMANDS: Option<Commands> = Some(Commands::ALL);

    pub async fn commands() -> Result<Commands, Infallible> {
        Ok(Commands::ALL)
    }

    pub const NARRATOR: Option<Narrator> = Some(narrates());

    pub async fn narrator() -> Result<Narrator, Infallible> {
        Ok(narrates())
    }

    pub const RESERVE: Option<Reserve> = Some(Reserve::ALL);

    pub async fn reserve() -> Result<Reserve, Infallible> {
        Ok(Reserve::ALL)
    }

    pub async fn clients() -> Result<Draw, Infallible> {
        Ok(draw_clients)
    }

    pub async fn panels() -> Result<Draw, Infallible> {
        Ok(draw_panel)
    }

    pub async fn menu() -> Result<Draw, Infallible> {
        Ok(draw_menu)
    }
}
