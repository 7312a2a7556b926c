/** Isosurfaces in 3-D on WebGL: loaded on demand, as three is large; drawn on changes only. */
import * as THREE from 'three';
import { OrbitControls } from 'three/examples/jsm/controls/OrbitControls.js';
import { short, withUnit } from '../../../../figures/numbers.ts';
import type { NamedField } from '../../../../figures/slices.ts';
import { isosurface } from './marching.ts';

export interface Level {
  readonly value: number;
  readonly colour: string;
}

export interface SolidView {
  /** Radians around the upright axis and over the poles; `closer` < 1 brings it nearer. */
  turn(around: number, over: number, closer?: number): void;
  /** Shows or hides the levels, in their order. */
  show(visible: readonly boolean[]): void;
  dispose(): void;
}

/** The box of the data as it is shown: a cube, whatever the ranges of the axes. */
const SIZE = 1;

/** Draws into `host`. Throws Error without WebGL. */
export function showIsosurfaces(host: HTMLElement, field: NamedField, levels: readonly Level[], line: string): SolidView {
  const renderer = new THREE.WebGLRenderer({ antialias: true, alpha: true, preserveDrawingBuffer: true });
  renderer.setPixelRatio(Math.min(devicePixelRatio, 2));
  const canvas = renderer.domElement;
  canvas.setAttribute('aria-hidden', 'true');
  host.append(canvas);
  const scene = new THREE.Scene();
  const camera = new THREE.PerspectiveCamera(40, 1, 0.1, 20);
  camera.position.set(1.45, 1.05, 1.75);
  scene.add(new THREE.HemisphereLight(0xffffff, 0x8a8a8a, 2.2));
  const sun = new THREE.DirectionalLight(0xffffff, 1.6);
  camera.add(sun);
  scene.add(camera);

  const made: { dispose(): void }[] = [];
  const keep = <T extends { dispose(): void }>(thing: T): T => {
    made.push(thing);
    return thing;
  };
  const surfaces = levels.map(({ value, colour }) => {
    const { positions, triangles } = isosurface(field, value);
    const geometry = keep(new THREE.BufferGeometry());
    geometry.setAttribute('position', new THREE.BufferAttribute(intoSpace(positions), 3));
    geometry.setIndex(new THREE.BufferAttribute(triangles, 1));
    geometry.computeVertexNormals();
    const material = keep(
      new THREE.MeshStandardMaterial({
        color: new THREE.Color(colour),
        side: THREE.DoubleSide,
        transparent: true,
        opacity: 0.62,
        depthWrite: false,
        roughness: 0.75,
      }),
    );
    const surface = new THREE.Mesh(geometry, material);
    scene.add(surface);
    return surface;
  });
  const edges = keep(new THREE.EdgesGeometry(keep(new THREE.BoxGeometry(SIZE, SIZE, SIZE))));
  scene.add(new THREE.LineSegments(edges, keep(new THREE.LineBasicMaterial({ color: new THREE.Color(line) }))));

  const labels = labelsOf(field).map(({ text, at }) => {
    const element = document.createElement('span');
    element.textContent = text;
    host.append(element);
    return { element, at };
  });

  const draw = () => {
    renderer.render(scene, camera);
    const { clientWidth: width, clientHeight: height } = host;
    for (const { element, at } of labels) {
      const place = at.clone().project(camera);
      const [px, py] = [((place.x + 1) / 2) * width, ((1 - place.y) / 2) * height];
      element.style.transform = `translate(${px.toFixed(1)}px, ${py.toFixed(1)}px) translate(-50%, -50%)`;
    }
  };
  const controls = new OrbitControls(camera, canvas);
  controls.enablePan = false;
  controls.minDistance = 1.3;
  controls.maxDistance = 6;
  controls.addEventListener('change', draw);
  const fit = () => {
    const { clientWidth: width, clientHeight: height } = host;
    if (width === 0 || height === 0) return;
    renderer.setSize(width, height, false);
    camera.aspect = width / height;
    // In a narrow window the box has to fit across.
    camera.fov = width < height ? 40 * Math.min(1.8, height / width) : 40;
    camera.updateProjectionMatrix();
    draw();
  };
  const observer = new ResizeObserver(fit);
  observer.observe(host);
  fit();

  return {
    turn(around, over, closer = 1) {
      const place = camera.position.clone();
      const radius = Math.min(controls.maxDistance, Math.max(controls.minDistance, place.length() * closer));
      const longitude = Math.atan2(place.x, place.z) + around;
      const latitude = Math.min(1.5, Math.max(-1.5, Math.asin(place.y / place.length()) + over));
      camera.position.set(
        radius * Math.cos(latitude) * Math.sin(longitude),
        radius * Math.sin(latitude),
        radius * Math.cos(latitude) * Math.cos(longitude),
      );
      camera.lookAt(0, 0, 0);
      // Emits `change` when the camera has moved.
      controls.update();
      draw();
    },
    show(visible) {
      surfaces.forEach((surface, i) => {
        surface.visible = visible[i] ?? true;
      });
      draw();
    },
    dispose() {
      observer.disconnect();
      controls.dispose();
      for (const thing of made) thing.dispose();
      renderer.dispose();
      renderer.forceContextLoss();
      canvas.remove();
      for (const { element } of labels) element.remove();
    },
  };
}

/** Axis 0 to the right, axis 1 towards the viewer, axis 2 upwards; the box around the origin. */
function intoSpace(shares: Float32Array): Float32Array {
  const places = new Float32Array(shares.length);
  for (let i = 0; i < shares.length; i += 3) {
    places[i] = ((shares[i] as number) - 0.5) * SIZE;
    places[i + 1] = ((shares[i + 2] as number) - 0.5) * SIZE;
    places[i + 2] = (0.5 - (shares[i + 1] as number)) * SIZE;
  }
  return places;
}

function labelsOf({ axes }: NamedField): { text: string; at: THREE.Vector3 }[] {
  const space = (a: number, b: number, c: number) => new THREE.Vector3(...intoSpace(Float32Array.of(a, b, c)));
  const ends = (axis: 0 | 1 | 2, place: (share: number) => THREE.Vector3) => {
    const { name, unit, from, to } = axes[axis];
    return [
      { text: short(from), at: place(0.04) },
      { text: withUnit(name, unit), at: place(0.5) },
      { text: short(to), at: place(0.96) },
    ];
  };
  return [
    ...ends(0, (share) => space(share, -0.07, -0.07)),
    ...ends(1, (share) => space(1.09, share, -0.07)),
    ...ends(2, (share) => space(-0.09, -0.07, share)),
  ];
}
