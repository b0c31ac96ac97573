// Loads what makes the pages livelier. Every page works without any of it.
import { scanByCamera } from "./camera.js";
import { checkWhileTyping } from "./check.js";
import { tick } from "./countdown.js";
import { dragCards } from "./dispatch.js";
import { guardForms, focusFaults } from "./forms.js";
import { listen } from "./live.js";
import { lockWhenIdle } from "./lock.js";
import { catchScans } from "./scan.js";
import { estimate } from "./need.js";
import { listenForKeys } from "./shortcuts.js";
import { goOn } from "./steps.js";

checkWhileTyping();
dragCards();
focusFaults();
guardForms();
tick();
listen();
lockWhenIdle();
catchScans();
scanByCamera();
listenForKeys();
estimate();
goOn();
