/* The maps of the desk: canvas only, from files of this node only. The watch room's shows incidents; that of a form sets
   a place by a click.

   Water is background. The line, the sectors and the crossings come from the sealed law, incidents from the notices;
   nothing else is drawn and nothing else is named. Parties are told apart by shape and by the place of their symbol, then
   by colour. Names are drawn as point labels, because canvas text along a line breaks Arabic joining.

   The list comes first, and the map is the same choice drawn: what has the reader's attention in one is marked in the
   other. Where the node sends groups, because there are too many to draw, it is asked again for what a nearer look holds. */

import Feature from "ol/Feature.js";
import OlMap from "ol/Map.js";
import View from "ol/View.js";
import ScaleLine from "ol/control/ScaleLine.js";
import Zoom from "ol/control/Zoom.js";
import { boundingExtent, getCenter } from "ol/extent.js";
import GeoJSON from "ol/format/GeoJSON.js";
import Point from "ol/geom/Point.js";
import Polygon from "ol/geom/Polygon.js";
import VectorLayer from "ol/layer/Vector.js";
import { fromLonLat, toLonLat, transformExtent } from "ol/proj.js";
import VectorSource from "ol/source/Vector.js";
import CircleStyle from "ol/style/Circle.js";
import Fill from "ol/style/Fill.js";
import RegularShape from "ol/style/RegularShape.js";
import Stroke from "ol/style/Stroke.js";
import Style from "ol/style/Style.js";
import Text from "ol/style/Text.js";

// Locales whose digits are the page's own; a locale that the browser does not know would fall back to Latin digits.
const DIGITS = { fa: "fa-u-nu-arabext", ar: "ar-u-nu-arab", ckb: "ar-u-nu-arab" };
const counted = new Intl.NumberFormat(DIGITS[document.documentElement.lang] ?? "en");

const format = new GeoJSON({ dataProjection: "EPSG:4326", featureProjection: "EPSG:3857" });

class LineMap {
  constructor(frame, style) {
    this.frame = frame;
    this.parties = JSON.parse(frame.dataset.parties ?? "{}");
    this.readColours();
    this.law = new VectorSource();
    this.above = new VectorSource();
    const water = ["sea", "lakes", "rivers"].map((name) => this.waterLayer(name));
    this.map = new OlMap({
      target: frame.querySelector(".map__canvas"),
      controls: [
        new Zoom({ zoomInTipLabel: frame.dataset.zoomIn, zoomOutTipLabel: frame.dataset.zoomOut }),
        new ScaleLine({ minWidth: 80 }),
      ],
      layers: [
        ...water,
        new VectorLayer({ source: this.law, style: (feature, resolution) => this.lawStyle(feature, resolution) }),
        new VectorLayer({ source: this.above, style: (feature) => style(this, feature) }),
      ],
      view: new View({ center: fromLonLat([46, 33.2]), zoom: 6.4, minZoom: 5, maxZoom: 13 }),
    });
    this.map.on("postrender", () => this.sayScale());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.repaint());
  }

  async start() {
    await Promise.all([document.fonts.load("14px Vazirmatn", "مرز"), document.fonts.load("14px Vazirmatn", "km")]);
    const { features } = await this.fetch(this.frame.dataset.law);
    for (const feature of features) {
      this.law.addFeature(feature);
      if (feature.get("is") === "sector") {
        const middle = new Feature({ geometry: new Point(fromLonLat(feature.get("middle"))) });
        middle.setProperties({ is: "sector-name", name: feature.get("name"), code: feature.get("code") });
        this.law.addFeature(middle);
      }
    }
    const line = features.find((feature) => feature.get("is") === "line");
    if (line) {
      this.map.getView().fit(boundingExtent(line.getGeometry().getCoordinates()), { padding: [40, 40, 40, 40] });
    }
    await this.fill();
    this.frame.dataset.ready = "true";
  }

  async fill() {}

  async fetch(address) {
    const answer = await fetch(address, { headers: { Accept: "application/geo+json" } });
    const found = answer.ok ? await answer.json() : { features: [] };
    return { ...found, features: format.readFeatures(found) };
  }

  // The scale writes Latin digits and English units; it has drawn itself when the map says so.
  sayScale() {
    const scale = this.frame.querySelector(".ol-scale-line-inner");
    const drawn = /^(\d+) (k?m)$/.exec(scale.textContent);
    if (drawn) {
      const word = drawn[2] === "km" ? this.frame.dataset.unitKm : this.frame.dataset.unitM;
      scale.textContent = `${counted.format(Number(drawn[1]))} ${word}`;
    }
  }

  readColours() {
    const style = getComputedStyle(document.documentElement);
    const named = (name) => style.getPropertyValue(name).trim();
    this.colour = {
      water: named("--map-water"),
      river: named("--map-river"),
      line: named("--map-line"),
      sector: named("--map-sector"),
      name: named("--map-name"),
      land: named("--map-land"),
      sheet: named("--sheet"),
      ink: named("--ink"),
      accent: named("--accent"),
      kept: named("--kept"),
      due: named("--due"),
      late: named("--late"),
    };
    for (const party of Object.values(this.parties)) {
      const sample = document.querySelector(`.party-${party.code}`);
      party.colour = sample ? getComputedStyle(sample).getPropertyValue("--party").trim() : this.colour.ink;
    }
  }

  repaint() {
    this.readColours();
    this.map.getLayers().forEach((layer) => layer.changed());
  }

  waterLayer(name) {
    const source = new VectorSource({ url: `${this.frame.dataset.basemap}${name}.geojson`, format });
    return new VectorLayer({
      source,
      style: () =>
        name === "rivers"
          ? new Style({ stroke: new Stroke({ color: this.colour.river, width: 1 }) })
          : new Style({ fill: new Fill({ color: this.colour.water }) }),
    });
  }

  lawStyle(feature, resolution) {
    switch (feature.get("is")) {
      case "line":
        return [
          new Style({ stroke: new Stroke({ color: this.colour.land, width: 5 }), zIndex: 2 }),
          new Style({ stroke: new Stroke({ color: this.colour.line, width: 2.2, lineDash: [9, 4] }), zIndex: 3 }),
        ];
      case "sector":
        return new Style({ stroke: new Stroke({ color: this.colour.sector, width: 1, lineDash: [2, 4] }), zIndex: 1 });
      case "sector-name":
        return new Style({ text: this.label(resolution < 500 ? feature.get("name") : feature.get("code"), 13, 600, -2, 26), zIndex: 4 });
      case "crossing":
        return new Style({
          image: new RegularShape({
            points: 4,
            radius: 7,
            angle: Math.PI / 4,
            fill: new Fill({ color: this.colour.sheet }),
            stroke: new Stroke({ color: this.colour.ink, width: 1.6 }),
          }),
          text: resolution < 350 ? this.label(feature.get("name"), 12, 400, -15) : undefined,
          zIndex: 5,
        });
      default:
        return undefined;
    }
  }

  label(text, size, weight, offsetY, offsetX = 0) {
    return new Text({
      text,
      font: `${weight} ${size}px Vazirmatn`,
      offsetX,
      offsetY,
      fill: new Fill({ color: this.colour.name }),
      stroke: new Stroke({ color: this.colour.land, width: 3.5 }),
    });
  }

}

class WatchMap extends LineMap {
  constructor(frame) {
    super(frame, (map, feature) => map.incidentStyle(feature));
    this.card = frame.querySelector(".map__card");
    this.said = frame.parentElement.querySelector(".map__said");
    frame.numberAt = (pixel) => this.at(pixel)?.get("number");
    this.map.on("click", (event) => this.pick(event.pixel));
    this.map.on("pointermove", (event) => this.point(event));
    this.map.on("moveend", () => this.grouped && this.fill());
    document.addEventListener("focusin", (event) => this.mark(rowOf(event.target)));
    document.addEventListener("pointerover", (event) => this.mark(rowOf(event.target)));
    document.addEventListener("htmx:after:swap", () => this.choose(this.chosen));
    document.body.addEventListener("mithaq:moved", () => this.fill());
  }

  async fill() {
    const asked = new URL(this.frame.dataset.incidents, location);
    if (this.grouped) {
      const view = this.map.getView();
      const box = transformExtent(view.calculateExtent(), "EPSG:3857", "EPSG:4326");
      asked.searchParams.set("box", box.map((degrees) => degrees.toFixed(4)).join(","));
      asked.searchParams.set("zoom", Math.round(view.getZoom()));
    }
    const { features, groups, said } = await this.fetch(asked);
    const first = groups > 0 && !this.grouped;
    this.grouped ||= groups > 0;
    if (first) {
      return this.fill();
    }
    this.frame.dataset.groups = groups ?? 0;
    this.said.textContent = said ?? "";
    this.above.clear(true);
    this.above.addFeatures(features);
  }

  incidentStyle(feature) {
    const party = this.parties[feature.get("party")];
    const chosen = feature.get("number") !== undefined && feature.get("number") === this.chosen;
    const style = { zIndex: chosen ? 20 : 10 };
    if (feature.getGeometry().getType() === "Polygon") {
      style.stroke = new Stroke({ color: chosen ? this.colour.ink : party.colour, width: chosen ? 4 : 2 });
      style.fill = new Fill({ color: `color-mix(in srgb, ${party.colour} 14%, transparent)` });
      return new Style(style);
    }
    if (feature.get("drawn")) {
      return this.groupStyle(feature, party);
    }
    style.image = this.symbol(party, chosen ? 11 : 8.5, chosen);
    return new Style(style);
  }

  // A group has the shape of its party, is larger, and says beside it of how many it is.
  groupStyle(feature, party) {
    const radius = 10 + Math.min(Math.log10(feature.get("count")) * 3, 12);
    const side = Math.sign(party.place);
    const text = this.label(feature.get("drawn"), 13, 650, 0, party.place * 9 + side * (radius + 4));
    text.setTextAlign(side < 0 ? "right" : "left");
    return new Style({ image: this.symbol(party, radius, false), text, zIndex: 10 });
  }

  symbol(party, radius, chosen) {
    const shared = {
      radius,
      displacement: [party.place * 9, 0],
      fill: new Fill({ color: party.colour }),
      stroke: new Stroke({ color: chosen ? this.colour.ink : this.colour.sheet, width: chosen ? 3 : 2 }),
    };
    switch (party.shape) {
      case "circle":
        return new CircleStyle({ ...shared, radius: radius - 1 });
      case "triangle":
        return new RegularShape({ ...shared, points: 3 });
      case "diamond":
        return new RegularShape({ ...shared, points: 4 });
      default:
        return new RegularShape({ ...shared, points: 4, angle: Math.PI / 4 });
    }
  }

  at(pixel) {
    return this.map.forEachFeatureAtPixel(pixel, (feature) => (feature.get("said") ? feature : undefined), { hitTolerance: 5 });
  }

  point(event) {
    this.map.getTargetElement().style.cursor = !event.dragging && this.at(event.pixel) ? "pointer" : "";
  }

  // A symbol that is pointed at marks its row of the list; a group is looked at from nearer.
  pick(pixel) {
    const feature = this.at(pixel);
    if (feature?.get("drawn")) {
      const view = this.map.getView();
      view.animate({ center: feature.getGeometry().getCoordinates(), zoom: view.getZoom() + 2, duration: 200 });
    }
    this.card.hidden = !feature || Boolean(feature.get("drawn"));
    this.choose(feature?.get("number"));
    if (!this.card.hidden) {
      const link = this.card.querySelector("a");
      link.href = feature.get("address");
      link.querySelector(".spoken").textContent = feature.get("spoken");
      link.querySelector("span").textContent = feature.get("said");
      this.card.querySelector("p").textContent = feature.get("more");
      this.card.dataset.party = feature.get("party");
      rowOfNumber(this.chosen)?.scrollIntoView({ block: "nearest" });
    }
  }

  // A row that has the pointer or the focus marks its symbols, and brings them into view.
  mark(row) {
    if (!row || row.dataset.number === this.chosen) {
      return;
    }
    this.card.hidden = true;
    this.choose(row.dataset.number);
    const drawn = this.above.getFeatures().find((feature) => feature.get("number") === this.chosen);
    const view = this.map.getView();
    if (drawn && !drawn.getGeometry().intersectsExtent(view.calculateExtent())) {
      view.setCenter(getCenter(drawn.getGeometry().getExtent()));
    }
  }

  choose(number) {
    this.chosen = number;
    for (const row of document.querySelectorAll("[data-number]")) {
      row.classList.toggle("is-chosen", row.dataset.number === number);
    }
    this.frame.dataset.chosen = number ?? "";
    this.above.changed();
  }
}

function rowOf(element) {
  return element instanceof Element ? element.closest("[data-number]") : null;
}

function rowOfNumber(number) {
  return [...document.querySelectorAll("[data-number]")].find((row) => row.dataset.number === number);
}

/* The map of one place on a form. It writes into the inputs that the officer could have typed into, in the form in which
   the place is stated, and draws again what stands there; the form works without it. */
class PlaceMap extends LineMap {
  constructor(frame) {
    super(frame, (map) => map.placeStyle());
    this.field = frame.closest("fieldset");
    this.name = frame.dataset.place;
    this.map.on("click", (event) => this.set(event));
    this.field.addEventListener("input", () => this.fill());
    this.field.addEventListener("change", () => this.fill());
  }

  input(part) {
    return this.field.querySelector(`[name="${this.name}.${part}"]`);
  }

  set(event) {
    const stated = this.input("form").value;
    if (stated === "sector" || stated === "crossing") {
      this.choose(stated, event);
    } else {
      this.write(stated, toLonLat(event.coordinate));
    }
  }

  choose(stated, event) {
    const found =
      stated === "sector"
        ? this.law.getFeatures().find((each) => each.get("is") === "sector" && each.getGeometry().intersectsCoordinate(event.coordinate))
        : this.law.getClosestFeatureToCoordinate(event.coordinate, (each) => each.get("is") === "crossing");
    if (found) {
      this.put(stated, found.get("id"));
    }
  }

  write(stated, [lon, lat]) {
    const said = `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
    if (stated === "area") {
      this.put("ring", `${this.input("ring").value.trimEnd()}\n${said}`.trimStart());
      return;
    }
    const finest = ["point", "cell"].find((form) => this.input("form").querySelector(`option[value=${form}]`));
    if (stated !== "point" && stated !== "cell") {
      if (!finest) {
        return;
      }
      this.put("form", finest);
    }
    this.put("position", said);
  }

  put(part, value) {
    const input = this.input(part);
    input.value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  async fill() {
    const stated = this.input("form").value;
    const lines = stated === "area" ? this.input("ring").value.split("\n") : [this.input("position")?.value ?? ""];
    const corners = lines.map(decimals).filter(Boolean).map((each) => fromLonLat(each));
    this.above.clear(true);
    if (stated === "area" && corners.length > 2) {
      this.above.addFeature(new Feature(new Polygon([[...corners, corners[0]]])));
    }
    if (["area", "cell", "point"].includes(stated)) {
      this.above.addFeatures(corners.map((corner) => new Feature(new Point(corner))));
    }
  }

  placeStyle() {
    return new Style({
      image: new CircleStyle({
        radius: 7,
        fill: new Fill({ color: this.colour.accent }),
        stroke: new Stroke({ color: this.colour.sheet, width: 2 }),
      }),
      stroke: new Stroke({ color: this.colour.accent, width: 2 }),
      fill: new Fill({ color: `color-mix(in srgb, ${this.colour.accent} 14%, transparent)` }),
    });
  }
}

/* Longitude and latitude of "33.12, 46.08"; nothing for any other way of writing a position, which the node reads. */
function decimals(text) {
  const found = /^\s*(-?\d{1,2}(?:\.\d+)?)\s*[,;\s]\s*(-?\d{1,3}(?:\.\d+)?)\s*$/.exec(text);
  return found && [Number(found[2]), Number(found[1])];
}

/* The map of corridors: each stretch drawn by the weakest state that anybody states of it, and written beside it who
   states what. Where only one corridor is shown, the map looks at that one. */
class CorridorMap extends LineMap {
  constructor(frame) {
    super(frame, (map, feature) => map.stretchStyle(feature));
    document.body.addEventListener("mithaq:moved", () => this.fill());
  }

  async fill() {
    const { features } = await this.fetch(this.frame.dataset.stretches);
    this.above.clear(true);
    this.above.addFeatures(features);
    if (features.length > 0 && !this.looked) {
      this.looked = true;
      this.map.getView().fit(this.above.getExtent(), { padding: [56, 56, 56, 56], maxZoom: 12 });
    }
  }

  stretchStyle(feature) {
    const resolution = this.map.getView().getResolution();
    if (feature.get("is") === "station") {
      return new Style({
        image: new CircleStyle({
          radius: 5,
          fill: new Fill({ color: this.colour.sheet }),
          stroke: new Stroke({ color: this.colour.ink, width: 2 }),
        }),
        text: resolution < 60 ? this.label(feature.get("said"), 12, 400, 18) : undefined,
        zIndex: 12,
      });
    }
    const { color, lineDash } = this.drawn(feature.get("state"));
    const middle = new Point(feature.getGeometry().getCoordinateAt(0.5));
    return [
      new Style({ stroke: new Stroke({ color: this.colour.sheet, width: 7 }), zIndex: 8 }),
      new Style({ stroke: new Stroke({ color, width: 3.4, lineDash }), zIndex: 9 }),
      new Style({ geometry: middle, text: resolution < 450 ? this.label(feature.get("said"), 12, 500, -20) : undefined, zIndex: 13 }),
    ];
  }

  drawn(state) {
    switch (state) {
      case "open":
        return { color: this.colour.kept };
      case "closed":
        return { color: this.colour.late, lineDash: [3, 7] };
      case "":
        return { color: this.colour.sector, lineDash: [1, 5] };
      default:
        return { color: this.colour.due, lineDash: [14, 6] };
    }
  }
}

export function placeMap(frame) {
  new PlaceMap(frame).start();
}

for (const frame of document.querySelectorAll(".map[data-incidents]")) {
  new WatchMap(frame).start();
}

for (const frame of document.querySelectorAll(".map[data-stretches]")) {
  new CorridorMap(frame).start();
}
