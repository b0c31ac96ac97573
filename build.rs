//! Embeds the migrations anew when a folder is added, which the embedding macro alone does not notice.

fn main() {
    println!("cargo::rerun-if-changed=migrations");
}
