#!/bin/bash
# Starts a real S3 server (Ceph RGW, in memory) on loopback for tests. Usage: D=EMPTY_FOLDER PORT=7480 scripts/s3-server.sh
# Stop: kill every pid in $D/out/*.pid, after 4 s kill -9 (the memstore OSD ignores SIGTERM). Ports used: PORT, PORT+1, PORT+2.
# needs Debian packages: ceph-mon ceph-osd ceph-common radosgw   (no systemd, no mgr, loopback only)
set -euo pipefail
D=${D:?empty folder}; PORT=${PORT:-7480}; STORE=${STORE:-memstore}; mkdir -p "$D"/{mon,osd,log,out,rgw}
export CEPH_CONF=$D/ceph.conf; K=$D/keyring; FSID=$(cat /proc/sys/kernel/random/uuid)
MON="[v2:127.0.0.1:$((PORT+1)),v1:127.0.0.1:$((PORT+2))]"
cat > "$CEPH_CONF" <<C
[global]
fsid = $FSID
mon host = $MON
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
keyring = $K
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon data avail crit = 1
mon max pg per osd = 1000
run dir = $D/out
admin socket = $D/out/\$name.asok
pid file = $D/out/\$name.pid
log file = $D/log/\$name.log
crash dir = $D/out
mon data = $D/mon
osd data = $D/osd
osd objectstore = $STORE
memstore device bytes = 2147483648
bluestore block create = true
bluestore block size = 4294967296
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:$PORT
rgw data = $D/rgw
C
ceph-authtool -C "$K" -n mon. --gen-key --cap mon 'allow *' >/dev/null
ceph-authtool "$K" -n client.admin --gen-key --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *' >/dev/null
ceph-authtool "$K" -n osd.0 --gen-key --cap mon 'allow profile osd' --cap osd 'allow *' >/dev/null
ceph-authtool "$K" -n client.rgw --gen-key --cap mon 'allow rw' --cap osd 'allow rwx' >/dev/null
monmaptool --create --fsid "$FSID" --addv a "$MON" "$D/monmap" >/dev/null
ceph-mon --mkfs -i a --monmap "$D/monmap" --keyring "$K" && ceph-mon -i a
timeout 30 ceph auth import -i "$K" >/dev/null 2>&1
U=$(cat /proc/sys/kernel/random/uuid); ceph osd new "$U" 0 >/dev/null
ceph-osd -i 0 --mkfs --osd-uuid "$U" >/dev/null 2>&1
ceph osd crush add osd.0 1.0 host=localhost root=default >/dev/null 2>&1
ceph-osd -i 0 >/dev/null 2>&1
radosgw -n client.rgw
for i in $(seq 90); do curl -sf -o /dev/null "http://127.0.0.1:$PORT/" && break; sleep 1; done
timeout 60 radosgw-admin user create --uid=dev --display-name=dev --access-key="${AK:-devkey}" --secret-key="${SK:-devsecretkey}" >/dev/null
echo "S3 at http://127.0.0.1:$PORT (region default); pids in $D/out/*.pid"
