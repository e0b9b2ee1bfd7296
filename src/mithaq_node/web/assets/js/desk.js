/* The part of every page that moves. The page works without it: lists are links, forms are forms. */

import htmx from "htmx.org";

import { having } from "./having.js";
import { keeping } from "./keeping.js";
import { keys } from "./keys.js";
import { lengths } from "./lengths.js";
import { live } from "./live.js";
import { menus } from "./menus.js";
import { placing } from "./placing.js";
import { printing } from "./printing.js";
import { ringing } from "./ringing.js";
import { sounding } from "./sounding.js";
import { walking } from "./walking.js";

htmx.config.includeIndicatorCSS = false;
htmx.config.selfRequestsOnly = true;
// A refusal is a whole page: it never takes the place of the part that could not be fetched.
htmx.config.noSwap.push("4xx", "5xx");
// What the reader has unfolded stays unfolded when the page around it moves.
htmx.config.morphIgnore.push("open");

having();
keeping();
keys();
lengths();
live();
menus();
placing();
printing();
ringing();
sounding();
walking();
