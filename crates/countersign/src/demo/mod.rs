use clap::Args;
use world::World;
/// x
#[derive(Debug, Args)]
pub struct DemoArgs {}
pub async fn run(_: DemoArgs, _: World) -> anyhow::Result<()> {
    Ok(())
}
