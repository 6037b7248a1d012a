//! The plot: durable checks a second by concurrency, a panel for each database.
//!
//! # Design
//! The scale is logarithmic: the slowest and the fastest are a factor of a hundred apart, and equal factors are to look
//! equal. Points carry their numbers, so that nothing has to be read off the axis.

use crate::figure::{Figure, count};
use crate::levels::Level;
use crate::report::{OnDatabase, Report};
use std::fmt::Write as _;

const PANEL: f64 = 290.0;
const GAP: f64 = 24.0;
const LEFT: f64 = 74.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 114.0;
const HEIGHT: f64 = 330.0;
const BOTTOM: f64 = 78.0;

struct Line {
    class: &'static str,
    name: &'static str,
    figure: fn(&Level) -> &Figure,
}

const LINES: [Line; 3] = [
    Line { class: "no-op", name: "no-op POST", figure: |level| &level.no_op },
    Line { class: "check", name: "durable TOTP check", figure: |level| &level.check },
    Line { class: "each", name: "the same, a transaction each", figure: |level| &level.baseline_check },
];

const STYLE: &str = "
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-size: 18px; font-weight: 600; }
  .panel { font-size: 15px; font-weight: 600; text-anchor: middle; }
  .axis { fill: #59636e; }
  .middle { text-anchor: middle; }
  .end { text-anchor: end; }
  .back { fill: #ffffff; }
  .grid { stroke: #d1d9e0; stroke-width: 1; }
  .line { fill: none; stroke-width: 2.5; }
  .range { stroke-width: 2.5; }
  .number { text-anchor: middle; font-size: 12px; font-weight: 600; paint-order: stroke; stroke: #ffffff; stroke-width: 3px; }
  .line.no-op, .range.no-op { stroke: #818b98; } circle.no-op { fill: #818b98; } .number.no-op { fill: #59636e; }
  .line.check, .range.check { stroke: #0969da; } circle.check { fill: #0969da; } .number.check { fill: #0550ae; }
  .line.each, .range.each { stroke: #bc4c00; } circle.each { fill: #bc4c00; } .number.each { fill: #953800; }
  .line.each { stroke-dasharray: 6 4; }
  .line.no-op { stroke-dasharray: 2 4; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .axis { fill: #9198a1; }
    .back { fill: #0d1117; }
    .grid { stroke: #3d444d; }
    .number { stroke: #0d1117; }
    .line.no-op, .range.no-op { stroke: #9198a1; } circle.no-op { fill: #9198a1; } .number.no-op { fill: #b7bdc8; }
    .line.check, .range.check { stroke: #4493f8; } circle.check { fill: #4493f8; } .number.check { fill: #79c0ff; }
    .line.each, .range.each { stroke: #db6d28; } circle.each { fill: #db6d28; } .number.each { fill: #f0883e; }
  }
";

/// The plot as an SVG document; nothing if no levels were measured.
pub fn of(report: &Report) -> Option<String> {
    let databases: Vec<&OnDatabase> = report.databases.iter().filter(|d| !d.levels.is_empty()).collect();
    let scale = Scale::over(&databases)?;
    let width = LEFT + count(databases.len()) * (PANEL + GAP) - GAP + RIGHT;
    let height = TOP + HEIGHT + BOTTOM;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\" aria-labelledby=\"title\">\n\
         <title id=\"title\">Durable TOTP checks a second by concurrency</title>\n<style>{STYLE}</style>\n\
         <rect class=\"back\" width=\"{width}\" height=\"{height}\"/>\n"
    );
    text(&mut svg, "title", LEFT, 30.0, "Durable TOTP checks a second");
    let machine = &report.machine;
    let about = format!("{} cores for service, database and load; {}", machine.cores, machine.disk);
    text(&mut svg, "axis", LEFT, 50.0, &about);
    legend(&mut svg);
    for rate in scale.decades() {
        let label = short(rate);
        text(&mut svg, "axis end", LEFT - 10.0, scale.y(rate) + 4.0, &label);
    }
    let middle = TOP + HEIGHT / 2.0;
    let _ = writeln!(
        svg,
        "<text class=\"axis middle\" transform=\"translate(18 {middle}) rotate(-90)\">a second (logarithmic)</text>"
    );
    for (i, database) in databases.iter().enumerate() {
        panel(&mut svg, &scale, LEFT + count(i) * (PANEL + GAP), database);
    }
    text(&mut svg, "axis middle", width / 2.0, height - 18.0, "requests at a time");
    svg.push_str("</svg>\n");
    Some(svg)
}

fn text(svg: &mut String, class: &str, x: f64, y: f64, what: &str) {
    let _ = writeln!(svg, "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{what}</text>");
}

fn legend(svg: &mut String) {
    let mut x = LEFT;
    for line in &LINES {
        let (class, y, end) = (line.class, 68.0, x + 34.0);
        let _ = writeln!(svg, "<path class=\"line {class}\" d=\"M{x} {y}H{end}\"/>");
        text(svg, "", end + 8.0, y + 5.0, line.name);
        x = end + 40.0 + 7.0 * count(line.name.len());
    }
}

fn panel(svg: &mut String, scale: &Scale, left: f64, database: &OnDatabase) {
    text(
        svg,
        "panel",
        left + PANEL / 2.0,
        TOP - 12.0,
        &format!("{} {}", database.kind.name(), major(&database.version)),
    );
    for y in scale.decades().map(|rate| scale.y(rate)) {
        let _ = writeln!(svg, "<path class=\"grid\" d=\"M{left} {y:.1}h{PANEL}\"/>");
    }
    let step = PANEL / count(database.levels.len());
    let x = |i: usize| left + step * (count(i) + 0.5);
    for (i, level) in database.levels.iter().enumerate() {
        text(svg, "axis middle", x(i), TOP + HEIGHT + 34.0, &level.concurrency.to_string());
    }
    for line in &LINES {
        let class = line.class;
        let figures: Vec<&Figure> = database.levels.iter().map(line.figure).collect();
        let points = figures.iter().enumerate();
        let points = points.map(|(i, figure)| format!("{:.1},{:.1}", x(i), scale.y(figure.rate)));
        let points: Vec<String> = points.collect();
        let _ = writeln!(svg, "<polyline class=\"line {class}\" points=\"{}\"/>", points.join(" "));
        for (i, figure) in figures.into_iter().enumerate() {
            let (x, y) = (x(i), scale.y(figure.rate));
            let (least, most) = (scale.y(figure.least), scale.y(figure.most));
            let _ = writeln!(svg, "<path class=\"range {class}\" d=\"M{x:.1} {least:.1}V{most:.1}\"/>");
            let _ = writeln!(svg, "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"/>");
            // Below the lowest point, above the others.
            let level = &database.levels[i];
            let is_lowest = LINES.iter().all(|other| (other.figure)(level).rate >= figure.rate);
            let y = if is_lowest { y + 20.0 } else { y - 10.0 };
            text(svg, &format!("number {class}"), x, y, &short(figure.rate));
        }
    }
}

/// From a rate to a height.
struct Scale {
    /// Powers of ten.
    least: f64,
    most: f64,
}

impl Scale {
    fn over(databases: &[&OnDatabase]) -> Option<Self> {
        let levels = databases.iter().flat_map(|database| &database.levels);
        let rates =
            levels.flat_map(|level| LINES.iter().map(|line| (line.figure)(level).rate)).map(f64::log10);
        let least = rates.clone().reduce(f64::min)?.floor();
        let most = rates.reduce(f64::max)?.ceil();
        Some(Self { least, most: most.max(least + 1.0) })
    }

    fn y(&self, rate: f64) -> f64 {
        TOP + HEIGHT * (self.most - rate.log10()) / (self.most - self.least)
    }

    fn decades(&self) -> impl Iterator<Item = f64> {
        let (least, most) = (self.least, self.most);
        std::iter::successors(Some(least), move |exponent| (*exponent < most).then_some(exponent + 1.0))
            .map(|exponent| 10_f64.powf(exponent))
    }
}

/// Two digits that matter, or three.
fn short(rate: f64) -> String {
    match rate {
        ..1000.0 => format!("{rate:.0}"),
        ..10_000.0 if (rate / 1000.0).fract() > 0.0 => format!("{:.1} k", rate / 1000.0),
        _ => format!("{:.0} k", rate / 1000.0),
    }
}

/// The version without what a distribution has added.
fn major(version: &str) -> &str {
    version.split(['-', ' ']).next().unwrap_or(version)
}
