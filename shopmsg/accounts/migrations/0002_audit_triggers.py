"""PostgreSQL itself keeps the audit log append-only (design.md §7)."""

from django.db import migrations

_KEEP = """
CREATE FUNCTION accounts_audit_no_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit entries are never changed' USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION accounts_audit_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.at > now() - interval '2 years' THEN
        RAISE EXCEPTION 'audit entries are kept two years' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;

CREATE FUNCTION accounts_audit_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM accounts_auditentry WHERE at > now() - interval '2 years') THEN
        RAISE EXCEPTION 'audit entries are kept two years' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER audit_no_update BEFORE UPDATE ON accounts_auditentry
    FOR EACH ROW EXECUTE FUNCTION accounts_audit_no_update();
CREATE TRIGGER audit_no_delete BEFORE DELETE ON accounts_auditentry
    FOR EACH ROW EXECUTE FUNCTION accounts_audit_no_delete();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON accounts_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_audit_no_truncate();
"""

_RELEASE = """
DROP TRIGGER audit_no_update ON accounts_auditentry;
DROP TRIGGER audit_no_delete ON accounts_auditentry;
DROP TRIGGER audit_no_truncate ON accounts_auditentry;
DROP FUNCTION accounts_audit_no_update(), accounts_audit_no_delete(), accounts_audit_no_truncate();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunSQL(_KEEP, _RELEASE)]
